package dev.gantry.agent.runtime;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.runtime.OciSpec.Cpu;
import dev.gantry.agent.runtime.OciSpec.Pids;
import dev.gantry.agent.runtime.OciSpec.Resources;
import java.util.Objects;

/**
 * What the group of a running container is to be told: what differs, and nothing else.
 *
 * @param limits those with a value
 * @param quotaEnds whether processors are no longer limited; crun 1.8 writes -1 as another number, which the kernel refuses
 * @param pidsEnd whether the number of processes is no longer limited; as above
 */
public record LimitChange(Resources limits, boolean quotaEnds, boolean pidsEnd) {
    private static final Resources NONE = new Resources(null, null, null, null, null);
    private static final Cpu NO_CPU = new Cpu(null, null, null, null, null, null, null);

    public static LimitChange of(ContainerSpec.Resources before, ContainerSpec.Resources after, Cgroups host) {
        Resources old = CgroupLimits.of(before, null, host);
        Resources now = CgroupLimits.of(after, null, host);
        // Memory and swap bound each other: both are told, and the runtime finds the order.
        Resources limits = new Resources(
                null,
                changed(old.memory(), now.memory()),
                cpu(old.cpu() == null ? NO_CPU : old.cpu(), now.cpu() == null ? NO_CPU : now.cpu()),
                changed(old.pids(), now.pids()),
                changed(old.blockIO(), now.blockIO()));
        boolean quotaEnds = old.cpu() != null
                && old.cpu().quota() != null
                && (now.cpu() == null || now.cpu().quota() == null);
        return new LimitChange(limits, quotaEnds, old.pids() != null && now.pids() == null);
    }

    private static Cpu cpu(Cpu old, Cpu now) {
        boolean time = !Objects.equals(old.quota(), now.quota()) || !Objects.equals(old.period(), now.period());
        boolean realtime = !Objects.equals(old.realtimeRuntime(), now.realtimeRuntime())
                || !Objects.equals(old.realtimePeriod(), now.realtimePeriod());
        Cpu cpu = new Cpu(
                changed(old.shares(), now.shares()),
                time ? now.quota() : null,
                time ? now.period() : null,
                realtime ? now.realtimeRuntime() : null,
                realtime ? now.realtimePeriod() : null,
                changed(old.cpus(), now.cpus()),
                changed(old.mems(), now.mems()));
        return cpu.equals(NO_CPU) ? null : cpu;
    }

    private static <T> T changed(T old, T now) {
        return Objects.equals(old, now) ? null : now;
    }

    boolean hasLimits() {
        return !limits.equals(NONE);
    }

    public boolean isEmpty() {
        return !hasLimits() && !quotaEnds && !pidsEnd;
    }

    /** All of it, with -1 for what ends, as runc takes it. */
    Resources whole() {
        Cpu cpu = limits.cpu() == null ? NO_CPU : limits.cpu();
        return new Resources(
                null,
                limits.memory(),
                quotaEnds
                        ? new Cpu(
                                cpu.shares(),
                                -1L,
                                cpu.period(),
                                cpu.realtimeRuntime(),
                                cpu.realtimePeriod(),
                                cpu.cpus(),
                                cpu.mems())
                        : limits.cpu(),
                pidsEnd ? new Pids(-1) : limits.pids(),
                limits.blockIO());
    }
}
