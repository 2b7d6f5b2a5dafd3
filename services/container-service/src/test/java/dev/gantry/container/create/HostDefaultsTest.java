package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gantry.agent.api.KernelPaths;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.version.ApiVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostDefaultsTest {
    private static HostConfig fill(String asked, String cgroupVersion, int minor) {
        return HostDefaults.fill(Asked.hostConfig(asked), Asked.host(2, cgroupVersion), new ApiVersion(1, minor));
    }

    private static HostConfig fill(String asked) {
        return fill(asked, "2", 45);
    }

    @ParameterizedTest
    @CsvSource({
        "24, 2, shareable, host, default",
        "39, 2, shareable, host, default",
        "40, 2, private, host, default",
        "41, 2, private, private, default",
        "41, 1, private, host, default",
        "43, 2, private, private, default",
        "44, 2, private, private, bridge",
        "51, 1, private, host, bridge",
    })
    void modes_as_of_the_api_version(int minor, String cgroups, String ipc, String cgroupns, String network) {
        HostConfig filled = fill("{}", cgroups, minor);

        assertEquals(ipc, filled.ipcMode());
        assertEquals(cgroupns, filled.cgroupnsMode());
        assertEquals(network, filled.networkMode());
    }

    @Test
    void what_was_asked_stays() {
        HostConfig filled = fill("{'IpcMode':'none','CgroupnsMode':'host','NetworkMode':'mine','ShmSize':5,"
                + "'Runtime':'other','MaskedPaths':['/m'],'ReadonlyPaths':[]}");

        assertEquals("none", filled.ipcMode());
        assertEquals("host", filled.cgroupnsMode());
        assertEquals("mine", filled.networkMode());
        assertEquals(5, filled.shmSize());
        assertEquals("other", filled.runtime());
        assertEquals(List.of("/m"), filled.maskedPaths());
        assertEquals(List.of(), filled.readonlyPaths());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"100, 100", "0, null", "-1, null", "null, null"})
    void no_limit_of_processes_is_shown_as_none(String asked, Long shown) {
        assertEquals(shown, fill("{'PidsLimit':" + asked + "}").pidsLimit());
    }

    @Test
    void memory_for_sharing_and_runtime_have_defaults() {
        assertEquals(67_108_864, fill("{}").shmSize());
        assertEquals("runc", fill("{}").runtime());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0, -1, -1",
        "6291456, 0, 12582912",
        "6291456, 6291456, 6291456",
        "6291456, -1, -1",
        "4611686018427387903, 0, 9223372036854775806",
        "4611686018427387904, 0, -1",
        "9223372036854775807, 0, -1",
    })
    void swap_is_as_large_as_memory(long memory, long asked, long swap) {
        assertEquals(
                swap,
                fill("{'Memory':" + memory + ",'MemorySwap':" + asked + "}").memorySwap());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {"{'Privileged':true}", "{'SecurityOpt':['systempaths=unconfined']}"})
    void nothing_is_hidden_from_the_unconfined(String asked) {
        assertNull(fill(asked).maskedPaths());
        assertNull(fill(asked).readonlyPaths());
    }

    @Test
    void kernel_is_hidden_from_others() {
        assertEquals(
                KernelPaths.MASKED,
                fill("{'SecurityOpt':['seccomp=unconfined']}").maskedPaths());
        assertEquals(KernelPaths.READ_ONLY, fill("{}").readonlyPaths());
    }

    @Test
    void one_mode_is_changed() {
        HostConfig changed = HostDefaults.with(Asked.hostConfig("{'Memory':6291456}"), "NetworkMode", "container:x");

        assertEquals("container:x", changed.networkMode());
        assertEquals(6_291_456, changed.memory());
    }
}
