package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5, which says them when it starts the container. */
class TmpfsOptionsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "defaults",
                "ro",
                "ro,rw",
                "exec,noexec,nosuid,nodev",
                "size=64m",
                "size=50%,mode=1777,uid=0,gid=0,nr_inodes=5,nr_blocks=5,mpol=bind:0-1",
                "noatime,strictatime,rprivate",
            })
    void kept_as_they_are(String options) {
        assertEquals(options, TmpfsOptions.check(options));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "zz | zz",
                "zz=1 | zz",
                ", | ``",
                "ro, | ``",
                ",ro | ``",
                "ro,,rw | ``",
                "` ro` | ` ro`",
                "`ro ` | `ro `",
                "RO | RO",
                "SIZE=1 | SIZE",
                "size | size",
                "ro=1 | ro",
                "=1 | ``",
                "= | ``",
                "huge=always | huge",
                "noswap | noswap",
                "lowerdir=/ | lowerdir",
                "size=1,context=\"x\",zz | context",
                "size=1;zz,zz | zz",
                "größe=1 | größe",
            })
    void refused_as_by_dockerd(String options, String name) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> TmpfsOptions.check(options));

        assertEquals("invalid tmpfs option \"" + name + "\"", error.getMessage());
    }
}
