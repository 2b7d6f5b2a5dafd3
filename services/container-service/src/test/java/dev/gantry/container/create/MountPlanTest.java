package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. What one bind or mount may say is in {@link BindParserTest} and {@link MountParserTest}. */
class MountPlanTest {
    private static List<PlannedMount> plan(String hostConfig, String... declared) {
        return new MountPlan(parse(hostConfig), Set.of(declared), List.of()).mounts();
    }

    private static HostConfig parse(String hostConfig) {
        return Asked.hostConfig(hostConfig);
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
                "{'Binds':['foo']} | invalid volume specification: 'foo': invalid mount config for type \"volume\": invalid mount path: 'foo' mount path must be absolute",
                "{'Binds':['/ok:/a',null]} | invalid volume specification: ''",
                "{'Mounts':[{'Type':'zzz','Target':'/b'}]} | invalid mount config for type \"zzz\": mount type unknown",
                "{'Binds':['aa:/b','cc:/b']} | Duplicate mount point: /b",
                "{'Binds':['aa:/b','cc:/x/../b/']} | Duplicate mount point: /b",
                "{'Binds':['/b'],'Tmpfs':{'/b':''}} | Duplicate mount point: /b",
                "{'Binds':['/b'],'Mounts':[{'Type':'tmpfs','Target':'/b'}]} | Duplicate mount point: /b",
                "{'Tmpfs':{'/b':'','/b/':''}} | Duplicate mount point: /b",
                "{'Tmpfs':{'x':''}} | invalid mount path: 'x' mount path must be absolute",
                "{'Tmpfs':{'':''}} | invalid mount path: '' mount path must be absolute",
                "{'Tmpfs':{'/':''}} | invalid specification: destination can't be '/'",
                "{'Tmpfs':{'/x/../..':''}} | invalid specification: destination can't be '/'",
                "{'Tmpfs':{'/x':'zz=1'}} | invalid tmpfs option \"zz\"",
            })
    void refused_as_by_dockerd(String hostConfig, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> plan(hostConfig));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'VolumeDriver':'zz','Binds':['aa:/b']}",
                "{'VolumeDriver':'zz','Binds':['/b']}",
                "{'Mounts':[{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'DriverConfig':{'Name':'zz'}}}]}",
                "{'Mounts':[{'Type':'volume','Target':'/b','VolumeOptions':{'DriverConfig':{'Name':'zz'}}}]}",
            })
    void drivers_are_those_asked_for_unless_the_volume_has_one(String hostConfig) {
        MountPlan plan = new MountPlan(parse(hostConfig), Set.of(), List.of());
        String volume = plan.mounts().getFirst().source();

        assertEquals(Set.of("zz"), plan.plugins());
        assertEquals(volume, plan.volumeBy("zz"));
        plan.drivenBy(Map.of());
        assertEquals("zz", plan.mounts().getFirst().driverOrLocal());
        plan.drivenBy(Map.of(volume, "other"));
        assertEquals("other", plan.mounts().getFirst().driverOrLocal());
        assertEquals("zz", plan.request(volume).driver());
    }

    @Test
    void a_volume_that_there_is_keeps_its_driver() {
        MountPlan plan = new MountPlan(parse("{'Binds':['aa:/b']}"), Set.of(), List.of());

        plan.drivenBy(Map.of("aa", "zz"));

        assertEquals("zz", plan.mounts().getFirst().driverOrLocal());
        assertEquals("zz", plan.request("aa").driver());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{} | 0",
                "{'Binds':null,'Mounts':null,'Tmpfs':null} | 0",
                "{'Binds':[],'Mounts':[],'Tmpfs':{}} | 0",
                "{'VolumeDriver':'zz','Binds':['/a:/b'],'Tmpfs':{'/c':null}} | 2",
                "{'VolumeDriver':'local','Binds':['aa:/b','/c']} | 2",
                "{'Mounts':[{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'DriverConfig':{}}}]} | 1",
                "{'Mounts':[{'Type':'volume','Source':'aa','Target':'/b','VolumeOptions':{'DriverConfig':{'Name':'local'}}}]} | 1",
                "{'Binds':['aa:/a','aa:/b'],'Mounts':[{'Type':'volume','Source':'aa','Target':'/c'}]} | 3",
            })
    void accepted(String hostConfig, int mounts) {
        assertEquals(mounts, plan(hostConfig).size());
    }

    @ParameterizedTest
    @CsvSource({"/v, /v", "rel, /rel", "/a/../b/, /b", "../x, /x", "'/a:/b', '/a:/b'"})
    void declared_volume_is_clean(String declared, String target) {
        assertEquals(target, plan("{}", declared).getFirst().target());
        assertEquals("", plan("{}", declared).getFirst().mode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", ".", "..", "/a/.."})
    void root_is_no_volume(String declared) {
        assertEquals(List.of(), plan("{}", declared));
    }

    @Test
    void declared_volume_is_possible() {
        assertThrows(EngineError.BadParameter.class, () -> plan("{}", "/" + "x".repeat(4095)));
        assertThrows(EngineError.BadParameter.class, () -> plan("{}", "/a\0"));
    }

    @Test
    void labels_are_those_of_the_volume() {
        MountPlan plan = new MountPlan(
                parse("{'Binds':['bb:/b'],'Mounts':[{'Type':'volume','Source':'aa','Target':'/a',"
                        + "'VolumeOptions':{'Labels':{'k':'v'}}},{'Type':'volume','Source':'cc','Target':'/c',"
                        + "'VolumeOptions':{}}]}"),
                Set.of(),
                List.of());

        assertEquals(Map.of("k", "v"), plan.request("aa").labels());
        assertNull(plan.request("bb").labels());
        assertNull(plan.request("cc").labels());
    }
}
