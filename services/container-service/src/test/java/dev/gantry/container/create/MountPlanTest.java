package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountPlanTest {
    private static List<PlannedMount> plan(String hostConfig, String... declared) {
        return new MountPlan(parse(hostConfig), Set.of(declared), List.of()).mounts();
    }

    private static HostConfig parse(String hostConfig) {
        try {
            return new ObjectMapper().readValue(hostConfig.replace('\'', '"'), HostConfig.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void bind_makes_its_source_and_a_named_volume_is_filled() {
        List<PlannedMount> mounts = plan("{'Binds':['/src:/a:ro','data:/b/../c']}");

        assertEquals(Kind.BIND, mounts.get(0).kind());
        assertTrue(mounts.get(0).readOnly());
        assertTrue(mounts.get(0).createSource());
        assertEquals(Kind.VOLUME, mounts.get(1).kind());
        assertEquals("/c", mounts.get(1).target());
        assertTrue(mounts.get(1).copy());
        assertFalse(mounts.get(1).anonymous());
    }

    @Test
    void declared_volume_becomes_anonymous_unless_covered() {
        List<PlannedMount> mounts = plan("{'Binds':['data:/covered']}", "/covered", "/own", "/");

        assertEquals(2, mounts.size());
        PlannedMount own = mounts.get(1);
        assertEquals("/own", own.target());
        assertTrue(own.anonymous());
        assertEquals(64, own.source().length());
    }

    @Test
    void tmpfs_by_mount_has_size_and_octal_mode() {
        List<PlannedMount> mounts =
                plan("{'Mounts':[{'Type':'tmpfs','Target':'/t','TmpfsOptions':{'SizeBytes':4096,'Mode':493}}],"
                        + "'Tmpfs':{'/u':'size=64m'}}");

        assertEquals("size=4096,mode=755", mounts.get(0).options());
        assertTrue(mounts.get(0).isInspected());
        assertFalse(mounts.get(1).isInspected());
    }

    @Test
    void volumes_from_another_container_are_overridden_by_own_mounts() {
        PlannedMount inherited =
                new PlannedMount(Kind.VOLUME, "theirs", "/a", false, "", "", false, true, false, "", false);

        List<PlannedMount> mounts =
                new MountPlan(parse("{'Binds':['mine:/a']}"), Set.of(), List.of(inherited)).mounts();

        assertEquals(List.of("mine"), mounts.stream().map(PlannedMount::source).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Binds':['foo']} | invalid volume specification: 'foo': invalid mount config for type \"volume\":"
                        + " invalid mount path: 'foo' mount path must be absolute",
                "{'Binds':['foo:bar']} | invalid volume specification: 'foo:bar': invalid mount config for type"
                        + " \"volume\": invalid mount path: 'bar' mount path must be absolute",
                "{'Binds':['/a:/']} | invalid volume specification: '/a:/': invalid mount config for type \"bind\":"
                        + " invalid specification: destination can't be '/'",
                "{'Binds':['/a:/b:zz']} | invalid mode: zz",
                "{'Binds':['/a:/b:ro,rw']} | invalid mode: ro,rw",
                "{'Binds':['/a:/b:c:d']} | invalid volume specification: '/a:/b:c:d'",
                "{'Binds':[':/b']} | invalid volume specification: ':/b'",
                "{'Binds':['a:/b']} | create a: volume name is too short, names should be at least two alphanumeric"
                        + " characters",
                "{'Binds':['xx:/b:shared']} | invalid volume specification: 'xx:/b:shared': invalid mount config for"
                        + " type \"volume\": field BindOptions must not be specified",
                "{'Binds':['aa:/b','cc:/b']} | Duplicate mount point: /b",
                "{'Mounts':[{'Type':'zzz','Target':'/b'}]} | invalid mount config for type \"zzz\": mount type unknown",
                "{'Mounts':[{'Type':'bind','Target':'/b'}]} | invalid mount config for type \"bind\": field Source"
                        + " must not be empty",
                "{'Mounts':[{'Type':'bind','Source':'rel','Target':'/b'}]} | invalid mount config for type \"bind\":"
                        + " invalid mount path: 'rel' mount path must be absolute",
                "{'Mounts':[{'Type':'volume','Source':'rel'}]} | invalid mount config for type \"volume\": field"
                        + " Target must not be empty",
                "{'Mounts':[{'Type':'volume','Source':'rel','Target':'/'}]} | invalid mount config for type"
                        + " \"volume\": invalid specification: destination can't be '/'",
                "{'Mounts':[{'Type':'tmpfs','Source':'rel','Target':'/x'}]} | invalid mount config for type \"tmpfs\":"
                        + " field Source must not be specified",
                "{'Mounts':[{'Type':'volume','BindOptions':{},'Target':'/x'}]} | invalid mount config for type"
                        + " \"volume\": field BindOptions must not be specified",
                "{'Tmpfs':{'x':''}} | invalid mount path: 'x' mount path must be absolute",
                "{'Tmpfs':{'/x':'zz=1'}} | invalid tmpfs option [\"zz=1\"]",
            })
    void refused_as_dockerd_does(String hostConfig, String message) {
        EngineError.BadParameter error = assertThrows(EngineError.BadParameter.class, () -> plan(hostConfig));

        assertEquals(message, error.getMessage());
    }
}
