package dev.gantry.container.update;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.container.create.HostConfigRules;
import dev.gantry.container.create.KernelMemory;
import dev.gantry.container.create.ResourceRules;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of an update: fields of {@code HostConfig}, of which what is 0, empty or absent stays as it is.
 *
 * @param policy whether the restart policy is to change
 * @param ignored what is warned of beside
 */
record UpdateRequest(HostConfig wanted, boolean policy, List<String> ignored) {
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Beside(Policy restartPolicy, long kernelMemory) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Policy(String name) {}

    /** @param body null for none, which changes nothing, as of dockerd */
    static UpdateRequest parse(JsonNode body, ApiVersion version) {
        boolean empty = body == null || body.isMissingNode() || body.isNull();
        JsonNode tree = empty ? JsonNodeFactory.instance.objectNode() : body;
        Beside beside = RequestJson.body(tree, Beside.class);
        Policy policy = beside.restartPolicy();
        HostConfig wanted = RequestJson.convert(tree, HostConfig.class);
        return new UpdateRequest(
                version.before(1, 40) ? UpdateRules.withoutPidsLimit(wanted) : wanted,
                policy != null && policy.name() != null && !policy.name().isEmpty(),
                KernelMemory.warnings(beside.kernelMemory(), version));
    }

    void check() {
        if (policy) {
            HostConfigRules.checkRestart(wanted.restartPolicy(), false);
        }
        ResourceRules.checkUpdate(wanted);
    }

    /** What is not done of it. dockerd does not do it either, and says nothing. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(ignored);
        fixed(warnings, "CgroupParent", !wanted.cgroupParent().isEmpty());
        fixed(warnings, "BlkioWeightDevice", given(wanted.blkioWeightDevice()));
        fixed(warnings, "BlkioDeviceReadBps", given(wanted.blkioDeviceReadBps()));
        fixed(warnings, "BlkioDeviceWriteBps", given(wanted.blkioDeviceWriteBps()));
        fixed(warnings, "BlkioDeviceReadIOps", given(wanted.blkioDeviceReadIops()));
        fixed(warnings, "BlkioDeviceWriteIOps", given(wanted.blkioDeviceWriteIops()));
        fixed(warnings, "Devices", given(wanted.devices()));
        fixed(warnings, "DeviceCgroupRules", given(wanted.deviceCgroupRules()));
        fixed(warnings, "DeviceRequests", given(wanted.deviceRequests()));
        fixed(warnings, "MemorySwappiness", wanted.memorySwappiness() != null && wanted.memorySwappiness() != -1);
        fixed(warnings, "OomKillDisable", wanted.oomKillDisable() != null);
        fixed(warnings, "Ulimits", given(wanted.ulimits()));
        return warnings;
    }

    private static void fixed(List<String> warnings, String field, boolean given) {
        if (given) {
            warnings.add(field + " of a container cannot be updated. It stays as it is.");
        }
    }

    private static boolean given(List<?> list) {
        return list != null && !list.isEmpty();
    }
}
