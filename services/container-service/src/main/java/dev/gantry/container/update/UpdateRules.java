package dev.gantry.container.update;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;

/** What an update makes of a container's {@code HostConfig}: moby's {@code Container.UpdateContainer}, with its words. */
final class UpdateRules {
    private static final String CONFLICT = "Conflicting options: ";

    private UpdateRules() {}

    /**
     * @param prefix of messages
     * @param policy whether the restart policy is to change
     */
    static HostConfig merge(String prefix, HostConfig old, HostConfig wanted, boolean policy) {
        checkCpu(prefix + CONFLICT, old, wanted);
        refuse(
                wanted.memory() != 0 && wanted.memorySwap() == 0 && wanted.memory() > old.memorySwap(),
                prefix
                        + "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the"
                        + " same time");
        refuse(
                policy && old.autoRemove() && !wanted.restartPolicy().never(),
                prefix + "Restart policy cannot be updated because AutoRemove is enabled for the container");
        ObjectNode tree = (ObjectNode) StoredJson.tree(old);
        ObjectNode changes = (ObjectNode) StoredJson.tree(wanted);
        put(tree, changes, "BlkioWeight", wanted.blkioWeight());
        put(tree, changes, "CpuShares", wanted.cpuShares());
        put(tree, changes, "NanoCpus", wanted.nanoCpus());
        put(tree, changes, "CpuPeriod", wanted.cpuPeriod());
        put(tree, changes, "CpuQuota", wanted.cpuQuota());
        put(tree, changes, "CpuRealtimePeriod", wanted.cpuRealtimePeriod());
        put(tree, changes, "CpuRealtimeRuntime", wanted.cpuRealtimeRuntime());
        put(tree, changes, "CpusetCpus", wanted.cpusetCpus().length());
        put(tree, changes, "CpusetMems", wanted.cpusetMems().length());
        put(tree, changes, "Memory", wanted.memory());
        put(tree, changes, "MemorySwap", wanted.memorySwap());
        put(tree, changes, "MemoryReservation", wanted.memoryReservation());
        if (wanted.pidsLimit() != null) {
            tree.put("PidsLimit", Math.max(wanted.pidsLimit(), 0));
        }
        if (policy) {
            tree.set("RestartPolicy", changes.get("RestartPolicy"));
        }
        return read(tree);
    }

    private static void checkCpu(String prefix, HostConfig old, HostConfig wanted) {
        refuse(
                wanted.nanoCpus() > 0 && old.cpuPeriod() > 0,
                prefix + "Nano CPUs cannot be updated as CPU Period has already been set");
        refuse(
                wanted.nanoCpus() > 0 && old.cpuQuota() > 0,
                prefix + "Nano CPUs cannot be updated as CPU Quota has already been set");
        refuse(
                wanted.cpuPeriod() > 0 && old.nanoCpus() > 0,
                prefix + "CPU Period cannot be updated as NanoCPUs has already been set");
        refuse(
                wanted.cpuQuota() > 0 && old.nanoCpus() > 0,
                prefix + "CPU Quota cannot be updated as NanoCPUs has already been set");
    }

    /** Clients before 1.40 do not mean what they say there. */
    static HostConfig withoutPidsLimit(HostConfig wanted) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(wanted);
        tree.putNull("PidsLimit");
        return read(tree);
    }

    private static void put(ObjectNode tree, ObjectNode changes, String field, long value) {
        if (value != 0) {
            tree.set(field, changes.get(field));
        }
    }

    private static HostConfig read(ObjectNode tree) {
        try {
            return StoredJson.convert(tree, HostConfig.class);
        } catch (JsonProcessingException e) {
            throw EngineError.Internal.unexpected(e);
        }
    }

    private static void refuse(boolean bad, String message) {
        if (bad) {
            throw new EngineError.Conflict(message);
        }
    }
}
