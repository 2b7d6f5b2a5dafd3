package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.engine.container.ContainerConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecBuilderTest {
    private static ContainerConfig merge(String asked, String image) {
        return ImageDefaults.merge(Asked.config(asked), Asked.tree(image), "cafecafecafe");
    }

    private static ContainerSpec spec(String asked, String image) {
        return SpecBuilder.build(
                "f".repeat(64),
                "name",
                merge(asked, image),
                Asked.request(asked).hostConfig(),
                List.of(),
                List.of(),
                "sha256:cafe");
    }

    @Test
    void variables_are_the_hosts_to_make_an_environment_of() {
        List<String> env =
                spec("{'Cmd':['x'],'Env':['HOSTNAME','C=1']}", "{}").process().env();

        assertEquals(List.of("HOSTNAME", "C=1"), env);
    }

    @Test
    void stop_signal_is_given_by_number() {
        assertEquals("2", spec("{'Cmd':['x'],'StopSignal':'SIGINT'}", "{}").stopSignal());
    }

    @Test
    void paths_lead_nowhere_above_the_root() {
        ContainerSpec spec = spec(
                "{'Cmd':['x'],'WorkingDir':'/../../x/../y','HostConfig':{'CgroupParent':'../../x',"
                        + "'Devices':[{'PathOnHost':'/dev/null','PathInContainer':'/dev/../../etc/x'}]}}",
                "{}");

        assertEquals("/y", spec.process().cwd());
        assertEquals("/x", spec.resources().cgroupParent());
        assertEquals("/etc/x", spec.resources().devices().getFirst().pathInContainer());
    }

    @Test
    void privileged_container_is_not_filtered() {
        ContainerSpec.Security security = spec(
                        "{'Cmd':['x'],'HostConfig':{'Privileged':true,'CapAdd':['cap_kill']}}", "{}")
                .security();

        assertEquals("unconfined", security.seccompProfile());
        assertEquals(List.of("KILL"), security.capAdd());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Cmd':['x']} | ``",
                "{'Cmd':['x'],'StopSignal':''} | ``",
                "{'Cmd':['x'],'StopSignal':'sigkill'} | 9",
                "{'Cmd':['x'],'StopSignal':'RTMIN+3'} | 37",
            })
    void stop_signal(String asked, String signal) {
        assertEquals(signal, spec(asked, "{}").stopSignal());
    }

    @ParameterizedTest
    @CsvSource({"'', 10", "'''StopTimeout'':0,', 0", "'''StopTimeout'':-1,', -1", "'''StopTimeout'':null,', 10"})
    void stop_timeout(String asked, int seconds) {
        assertEquals(seconds, SpecBuilder.stopTimeout(merge("{" + asked + "'Cmd':['x']}", "{}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'PathOnHost':'/dev/null'} | /dev/null | rwm",
                "{'PathOnHost':'/dev/null','PathInContainer':'','CgroupPermissions':''} | /dev/null | rwm",
                "{'PathOnHost':'/dev/null','PathInContainer':'rel','CgroupPermissions':'r'} | /rel | r",
                "{'PathOnHost':'/dev/../etc','PathInContainer':'/dev/../../x'} | /x | rwm",
            })
    void device(String device, String inContainer, String permissions) {
        ContainerSpec.Device made = spec("{'Cmd':['x'],'HostConfig':{'Devices':[" + device + "]}}", "{}")
                .resources()
                .devices()
                .getFirst();

        assertEquals(inContainer, made.pathInContainer());
        assertEquals(permissions, made.permissions());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{} | default",
                "{'Privileged':true} | unconfined",
                "{'Privileged':true,'SecurityOpt':['seccomp={}']} | {}"
            })
    void seccomp_profile(String hostConfig, String profile) {
        ContainerSpec spec = spec("{'Cmd':['x'],'HostConfig':" + hostConfig + "}", "{}");

        assertEquals(profile, spec.security().seccompProfile());
    }

    @Test
    void unlimited_or_unset_is_not_passed_on() {
        ContainerSpec.Resources resources =
                spec("{'Cmd':['x'],'HostConfig':{'MemorySwappiness':-1}}", "{}").resources();

        assertNull(resources.swappiness());
        assertEquals(0, resources.pidsLimit());
        assertEquals("", resources.cgroupParent());
        assertEquals(List.of(), resources.ulimits());
    }
}
