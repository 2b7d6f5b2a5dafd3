package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.BlockIoLimit;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.runtime.OciSpec.BlockIo;
import dev.gantry.agent.runtime.OciSpec.ThrottleDevice;
import dev.gantry.agent.runtime.OciSpec.WeightDevice;
import java.util.List;

/** Limits for single block devices, whose numbers are looked up at each start. */
final class BlockIoLimits {
    private BlockIoLimits() {}

    /**
     * @param weight of all of them, may be null
     * @throws AgentFailure INTERNAL in dockerd's words when there is no such file; of one that is no block device the runtime
     *     says so
     */
    static BlockIo of(ContainerSpec.Resources asked, BlockIo weight, HostRoot host) {
        List<BlockIoLimit> limits = asked.blockIo();
        if (limits == null || limits.isEmpty()) {
            return weight;
        }
        return new BlockIo(
                weight == null ? null : weight.weight(),
                limits.stream()
                        .filter(limit -> limit.kind() == BlockIoLimit.Kind.WEIGHT)
                        .map(limit -> {
                            DeviceNumber number = number(limit, host);
                            return new WeightDevice(
                                    number.major(),
                                    number.minor(),
                                    limit.value().intValue());
                        })
                        .toList(),
                throttle(limits, BlockIoLimit.Kind.READ_BPS, host),
                throttle(limits, BlockIoLimit.Kind.WRITE_BPS, host),
                throttle(limits, BlockIoLimit.Kind.READ_IOPS, host),
                throttle(limits, BlockIoLimit.Kind.WRITE_IOPS, host));
    }

    private static List<ThrottleDevice> throttle(List<BlockIoLimit> limits, BlockIoLimit.Kind kind, HostRoot host) {
        return limits.stream()
                .filter(limit -> limit.kind() == kind)
                .map(limit -> {
                    DeviceNumber number = number(limit, host);
                    return new ThrottleDevice(number.major(), number.minor(), limit.value());
                })
                .toList();
    }

    private static DeviceNumber number(BlockIoLimit limit, HostRoot host) {
        return DeviceNumber.of(host.of(CleanPath.of(limit.path())))
                .orElseThrow(() -> new AgentFailure(
                        AgentFailure.Code.INTERNAL, "stat " + limit.path() + ": no such file or directory"));
    }
}
