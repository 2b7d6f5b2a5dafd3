package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class BindParserTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "`` | invalid volume specification: ''",
                ": | invalid volume specification: ':'",
                ":: | invalid volume specification: '::'",
                ":/b | invalid volume specification: ':/b'",
                "/a: | invalid volume specification: '/a:'",
                "/a::ro | invalid volume specification: '/a::ro'",
                "/a:/b:c:d | invalid volume specification: '/a:/b:c:d'",
                "/a:/b:ro:ro | invalid volume specification: '/a:/b:ro:ro'",
                "foo | invalid volume specification: 'foo': invalid mount config for type \"volume\": invalid mount path: 'foo' mount path must be absolute",
                "foo:bar | invalid volume specification: 'foo:bar': invalid mount config for type \"volume\": invalid mount path: 'bar' mount path must be absolute",
                "/a:bar | invalid volume specification: '/a:bar': invalid mount config for type \"bind\": invalid mount path: 'bar' mount path must be absolute",
                "/a: /b | invalid volume specification: '/a: /b': invalid mount config for type \"bind\": invalid mount path: ' /b' mount path must be absolute",
                "/ | invalid volume specification: '/': invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "/a/.. | invalid volume specification: '/a/..': invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "/a:/ | invalid volume specification: '/a:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
                "aa:/.. | invalid volume specification: 'aa:/..': invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "aa:/b/.. | invalid volume specification: 'aa:/b/..': invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "aa:/b:private | invalid volume specification: 'aa:/b:private': invalid mount config for type \"volume\": field BindOptions must not be specified",
                "aa:/b:rslave,ro | invalid volume specification: 'aa:/b:rslave,ro': invalid mount config for type \"volume\": field BindOptions must not be specified",
                "/a:/b:nocopy | invalid volume specification: '/a:/b:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified",
                "/a:/b:zz | invalid mode: zz",
                "/a:/b:RO | invalid mode: RO",
                "/a:/b:ro,rw | invalid mode: ro,rw",
                "/a:/b:ro,ro | invalid mode: ro,ro",
                "/a:/b:z,Z | invalid mode: z,Z",
                "/a:/b:, | invalid mode: ,",
                "/a:/b:ro, | invalid mode: ro,",
                "/a:/b:,ro | invalid mode: ,ro",
                "`/a:/b: ro` | invalid mode:  ro",
                "/a:/b:exec | invalid mode: exec",
                "/a:/b:shared,slave | invalid mode: shared,slave",
                "/a:/b:shared,shared | invalid mode: shared,shared",
                "/a:/b:cached,delegated | invalid mode: cached,delegated",
                "aa:/b:nocopy,nocopy | invalid mode: nocopy,nocopy",
                "C:\\a:/b | invalid mode: /b",
                "aa:rel:zz | invalid mode: zz",
                "a:/b | create a: volume name is too short, names should be at least two alphanumeric characters",
                "-a:/b | create -a: \"-a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "../a:/b | create ../a: \"../a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "~/a:/b | create ~/a: \"~/a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "ää:/b | create ää: \"ää\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "` /a:/b` | create  /a: \" /a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
            })
    void refused_as_by_dockerd(String bind, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> BindParser.parse(bind));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\u0000:/b", "/a:/b\u0000", "/\u0000"})
    void no_path_has_a_nul(String bind) {
        assertThrows(EngineError.BadParameter.class, () -> BindParser.parse(bind));
    }

    @Test
    void nothing_is_longer_than_the_kernel_takes() {
        String path = "/" + "x".repeat(4095);

        for (String bind : new String[] {path, path + ":/b", "/a:" + path, "aa:" + path, "x".repeat(256) + ":/b"}) {
            assertThrows(EngineError.BadParameter.class, () -> BindParser.parse(bind));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "/a:/b | /a | /b | `` | false | ``",
                "/a:/b: | /a | /b | `` | false | ``",
                "/a:/b:ro | /a | /b | ro | true | ``",
                "/a:/b:rw,z | /a | /b | rw,z | false | ``",
                "/a:/b:Z,ro | /a | /b | Z,ro | true | ``",
                "/a:/b:rshared | /a | /b | rshared | false | rshared",
                "/a:/b:private,ro,z | /a | /b | private,ro,z | true | private",
                "/a:/b:cached | /a | /b | cached | false | ``",
                "/a:/b:delegated,ro | /a | /b | delegated,ro | true | ``",
                "/a:/b:consistent | /a | /b | consistent | false | ``",
                "/:/b | / | /b | `` | false | ``",
                "//:/b | / | /b | `` | false | ``",
                "/a/../..:/b | / | /b | `` | false | ``",
                "/a//b/./c/:/b//c/ | /a/b/c | /b/c | `` | false | ``",
                "/a b:/c d | /a b | /c d | `` | false | ``",
                "/ä:/ö | /ä | /ö | `` | false | ``",
            })
    void bind(String bind, String source, String target, String mode, boolean readOnly, String propagation) {
        assertEquals(
                new PlannedMount(Kind.BIND, source, target, readOnly, mode, propagation, false, false, true, "", false),
                BindParser.parse(bind));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "aa:/b | aa | /b | z | false | true",
                "aa:/b: | aa | /b | z | false | true",
                "aa:/b:ro | aa | /b | ro | true | true",
                "aa:/b:nocopy | aa | /b | nocopy | false | false",
                "aa:/b:nocopy,ro,Z | aa | /b | nocopy,ro,Z | true | false",
                "aa:/b:cached | aa | /b | cached | false | true",
                "A.b_c-9:/b/../c | A.b_c-9 | /c | z | false | true",
                "aa:/b\\c | aa | /b\\c | z | false | true",
            })
    void named_volume(String bind, String name, String target, String mode, boolean readOnly, boolean copy) {
        assertEquals(
                new PlannedMount(Kind.VOLUME, name, target, readOnly, mode, "", false, copy, false, "", false),
                BindParser.parse(bind));
    }

    @ParameterizedTest
    @CsvSource({"/a, /a", "/a/../b/, /b", "/a b, /a b"})
    void target_alone_is_an_anonymous_volume(String bind, String target) {
        PlannedMount mount = BindParser.parse(bind);

        assertTrue(mount.source().matches("[0-9a-f]{64}"));
        assertEquals(
                new PlannedMount(Kind.VOLUME, mount.source(), target, false, "z", "", true, true, false, "", false),
                mount);
    }
}
