package dev.gantry.container.create;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.json.RequestJson;

/**
 * What old clients say of the host beside the container's own fields, as dockerd still reads it ({@code
 * ContainerConfigWrapper.getHostConfig}): all of a {@code HostConfig} where there is none, and otherwise five fields that
 * it leaves open; {@code Cpuset} is the old name of one of them.
 */
final class OldHostConfig {
    private OldHostConfig() {}

    /** @param inner the body's {@code HostConfig}, null for none */
    static HostConfig of(JsonNode body, HostConfig inner) {
        HostConfig outer = RequestJson.convert(body, HostConfig.class);
        String cpuset = RequestJson.convert(body, Cpuset.class).cpuset();
        HostConfig host = inner == null ? outer : inner;
        ObjectNode more = StoredJson.object();
        fill(more, "Memory", host.memory(), outer.memory());
        fill(more, "MemorySwap", host.memorySwap(), outer.memorySwap());
        fill(more, "CpuShares", host.cpuShares(), outer.cpuShares());
        fill(more, "CpusetCpus", host.cpusetCpus(), cpuset == null ? "" : cpuset);
        fill(more, "CpusetCpus", host.cpusetCpus(), outer.cpusetCpus());
        fill(more, "VolumeDriver", host.volumeDriver(), outer.volumeDriver());
        if (more.isEmpty()) {
            return host;
        }
        ObjectNode tree = (ObjectNode) StoredJson.tree(host);
        tree.setAll(more);
        return RequestJson.convert(tree, HostConfig.class);
    }

    private static void fill(ObjectNode more, String field, long inner, long outer) {
        if (inner == 0 && outer != 0) {
            more.put(field, outer);
        }
    }

    private static void fill(ObjectNode more, String field, String inner, String outer) {
        if (inner.isEmpty() && !outer.isEmpty()) {
            more.put(field, outer);
        }
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Cpuset(String cpuset) {}
}
