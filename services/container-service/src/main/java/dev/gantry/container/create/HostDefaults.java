package dev.gantry.container.create;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.api.KernelPaths;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.version.ApiVersion;
import java.util.List;

/** Fills in what depends on the API version or on the host, as dockerd of that version did. */
final class HostDefaults {
    private static final long SHM_SIZE = 64 * 1024 * 1024;
    private static final long UNLIMITED = -1;

    private static final List<String> PREDEFINED = List.of("default", "bridge", "none");

    private HostDefaults() {}

    static HostConfig fill(HostConfig asked, HostDescription host, ApiVersion version) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(asked);
        if (asked.ipcMode().isEmpty()) {
            tree.put("IpcMode", version.before(1, 40) ? "shareable" : "private");
        }
        if (asked.cgroupnsMode().isEmpty()) {
            boolean ownNamespace = host.cgroupVersion().equals("2") && !version.before(1, 41);
            tree.put("CgroupnsMode", ownNamespace ? "private" : "host");
        }
        if (asked.networkMode().equals("default") && !version.before(1, 44)) {
            tree.put("NetworkMode", "bridge");
        }
        if (!hasLinks(asked)) {
            tree.putNull("Links");
        }
        if (asked.shmSize() == 0) {
            tree.put("ShmSize", SHM_SIZE);
        }
        if (asked.runtime().isEmpty()) {
            tree.put("Runtime", host.defaultRuntime());
        }
        // Swap as large as memory, unless told: dockerd's default since 1.13.
        if (asked.memory() > 0 && asked.memorySwap() == 0) {
            tree.put("MemorySwap", asked.memory() > Long.MAX_VALUE / 2 ? UNLIMITED : asked.memory() * 2);
        }
        // As dockerd shows them: cgroup v2 has no such switch, and -1, which docker always sends, is none.
        if (asked.oomKillDisable() == null && !host.cgroupVersion().equals("2")) {
            tree.put("OomKillDisable", false);
        }
        if (Long.valueOf(-1).equals(asked.memorySwappiness())) {
            tree.putNull("MemorySwappiness");
        }
        if (asked.pidsLimit() != null && asked.pidsLimit() <= 0) {
            tree.putNull("PidsLimit");
        }
        ResourceRules.discard(host, asked, tree);
        boolean unmasked =
                asked.privileged() || SecurityOptions.parse(asked.securityOpt()).unmasked();
        if (asked.maskedPaths() == null) {
            tree.set("MaskedPaths", unmasked ? null : strings(KernelPaths.MASKED));
        }
        if (asked.readonlyPaths() == null) {
            tree.set("ReadonlyPaths", unmasked ? null : strings(KernelPaths.READ_ONLY));
        }
        return read(tree);
    }

    /** The same with one mode changed, such as {@code NetworkMode}. */
    /** On a network of one's own they are said with its endpoint; here dockerd passes them over. */
    static boolean hasLinks(HostConfig host) {
        return host.links() != null && !host.links().isEmpty() && PREDEFINED.contains(host.networkMode());
    }

    static HostConfig withLinks(HostConfig config, List<String> links) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(config);
        tree.set("Links", strings(links));
        return read(tree);
    }

    static HostConfig with(HostConfig config, String field, String value) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(config);
        tree.put(field, value);
        return read(tree);
    }

    private static JsonNode strings(List<String> list) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        list.forEach(array::add);
        return array;
    }

    static HostConfig read(JsonNode tree) {
        try {
            return StoredJson.convert(tree, HostConfig.class);
        } catch (JsonProcessingException e) {
            throw EngineError.Internal.unexpected(e);
        }
    }
}
