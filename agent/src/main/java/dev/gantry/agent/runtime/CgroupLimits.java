package dev.gantry.agent.runtime;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.runtime.OciSpec.BlockIo;
import dev.gantry.agent.runtime.OciSpec.Cpu;
import dev.gantry.agent.runtime.OciSpec.DeviceRule;
import dev.gantry.agent.runtime.OciSpec.Memory;
import dev.gantry.agent.runtime.OciSpec.Pids;
import dev.gantry.agent.runtime.OciSpec.Resources;
import java.util.List;

/** Limits as the OCI specification words them. The runtime translates them to the host's cgroup version. */
public final class CgroupLimits {
    /** Microseconds; what Docker takes for {@code --cpus}. */
    private static final long DEFAULT_CPU_PERIOD = 100_000;

    /** kernel/sched/sched.h. */
    private static final long MIN_SHARES = 2;

    private static final long MAX_SHARES = 1 << 18;

    private CgroupLimits() {}

    static Resources of(ContainerSpec.Resources asked, List<DeviceRule> devices, Cgroups host) {
        return new Resources(devices, memory(asked, host), cpu(asked), pids(asked), weight(asked, host));
    }

    /**
     * What a runtime is known to refuse, in runc's words: crun has the kernel take the nearest that it can do.
     *
     * @return null for nothing
     */
    public static String complaint(ContainerSpec.Resources asked, Cgroups host) {
        long shares = asked.cpuShares();
        if (host.unified() || shares == 0) {
            return null;
        }
        if (shares < MIN_SHARES) {
            return "the minimum allowed cpu-shares is " + MIN_SHARES;
        }
        return shares > MAX_SHARES ? "the maximum allowed cpu-shares is " + MAX_SHARES : null;
    }

    private static Memory memory(ContainerSpec.Resources asked, Cgroups host) {
        Long swap = null;
        if (host.limitsSwap()) {
            if (asked.memorySwap() != 0) {
                swap = asked.memorySwap();
            } else if (asked.memory() > 0) {
                swap = 2 * asked.memory();
            }
        }
        Memory memory = new Memory(
                set(asked.memory()),
                asked.memoryReservation() > 0 ? asked.memoryReservation() : null,
                swap,
                host.unified() ? null : asked.swappiness(),
                asked.oomKillDisable() && !host.unified() ? true : null,
                host.unified() ? null : set(asked.kernelMemoryTcp()));
        return memory.equals(new Memory(null, null, null, null, null, null)) ? null : memory;
    }

    private static Cpu cpu(ContainerSpec.Resources asked) {
        Long period = set(asked.cpuPeriod());
        // Below 0 is none, which crun takes for a number.
        Long quota = asked.cpuQuota() < 0 ? null : set(asked.cpuQuota());
        if (asked.nanoCpus() > 0) {
            period = DEFAULT_CPU_PERIOD;
            quota = asked.nanoCpus() * DEFAULT_CPU_PERIOD / 1_000_000_000L;
        }
        Cpu cpu = new Cpu(
                set(asked.cpuShares()),
                quota,
                period,
                set(asked.cpuRealtimeRuntime()),
                set(asked.cpuRealtimePeriod()),
                text(asked.cpusetCpus()),
                text(asked.cpusetMems()));
        return cpu.equals(new Cpu(null, null, null, null, null, null, null)) ? null : cpu;
    }

    private static Pids pids(ContainerSpec.Resources asked) {
        return asked.pidsLimit() > 0 ? new Pids(asked.pidsLimit()) : null;
    }

    /** Null for none, also where the host has no such limit. */
    private static BlockIo weight(ContainerSpec.Resources asked, Cgroups host) {
        return asked.blkioWeight() > 0 && host.weighsBlockIo()
                ? new BlockIo(asked.blkioWeight(), null, null, null, null, null)
                : null;
    }

    private static Long set(long value) {
        return value == 0 ? null : value;
    }

    private static String text(String value) {
        return value == null || value.isEmpty() ? null : value;
    }
}
