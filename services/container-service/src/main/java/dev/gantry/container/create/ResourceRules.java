package dev.gantry.container.create;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Limits that a container may have, in dockerd's words where it may not. */
public final class ResourceRules {
    private static final long MIN_MEMORY = 6 * 1024 * 1024;
    private static final long CPU = 1_000_000_000;
    /** dockerd's own bound, from the largest CONFIG_NR_CPUS. */
    private static final int MAX_CPU = 8192;

    private static final Pattern CPUSET_PART = Pattern.compile("[0-9]{1,18}(-[0-9]{1,18})?");
    private static final Set<String> ULIMITS = Set.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");

    private ResourceRules() {}

    /** What can be judged without knowing the host. */
    public static void check(HostConfig config) {
        checkMemory(config);
        checkCpu(config);
        refuse(
                config.ioMaximumIops() != 0,
                () -> "Invalid QoS settings: linux does not support configuration of maximum IOPs");
        refuse(
                config.ioMaximumBandwidth() != 0,
                () -> "Invalid QoS settings: linux does not support configuration of maximum bandwidth");
        refuse(
                config.oomScoreAdj() < -1000 || config.oomScoreAdj() > 1000,
                () -> "Invalid value " + config.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
        refuse(config.shmSize() < 0, () -> "SHM size can not be less than 0");
        int weight = config.blkioWeight();
        refuse(weight != 0 && (weight < 10 || weight > 1000), () -> "Range of blkio weight is from 10 to 1000");
        if (config.ulimits() != null) {
            for (HostConfig.Ulimit limit : config.ulimits()) {
                refuse(!ULIMITS.contains(limit.name()), () -> "invalid ulimit type: " + limit.name());
                refuse(
                        limit.hard() != -1 && (limit.soft() == -1 || limit.soft() > limit.hard()),
                        () -> "ulimit soft limit must be less than or equal to hard limit: " + limit.soft() + " > "
                                + limit.hard());
            }
        }
    }

    private static void checkMemory(HostConfig config) {
        long memory = config.memory();
        long swap = config.memorySwap();
        long reservation = config.memoryReservation();
        refuse(memory != 0 && memory < MIN_MEMORY, () -> "Minimum memory limit allowed is 6MB");
        refuse(
                swap > 0 && swap < memory,
                () -> "Minimum memoryswap limit should be larger than memory limit, see usage");
        refuse(
                memory == 0 && swap > 0,
                () -> "You should always set the Memory limit when using Memoryswap limit, see usage");
        Long swappiness = config.memorySwappiness();
        refuse(
                swappiness != null && (swappiness < -1 || swappiness > 100),
                () -> "Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
        refuse(reservation != 0 && reservation < MIN_MEMORY, () -> "Minimum memory reservation allowed is 6MB");
        refuse(
                memory > 0 && reservation > 0 && memory < reservation,
                () -> "Minimum memory limit can not be less than memory reservation limit, see usage");
    }

    private static void checkCpu(HostConfig config) {
        boolean nano = config.nanoCpus() > 0;
        refuse(
                nano && config.cpuPeriod() > 0,
                () -> "Conflicting options: Nano CPUs and CPU Period cannot both be set");
        refuse(nano && config.cpuQuota() > 0, () -> "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        refuse(config.cpuShares() < 0, () -> "invalid CPU shares (" + config.cpuShares() + "): value must be positive");
        long period = config.cpuPeriod();
        refuse(
                period != 0 && (period < 1000 || period > 1_000_000),
                () -> "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        long quota = config.cpuQuota();
        refuse(quota > 0 && quota < 1000, () -> "CPU cfs quota can not be less than 1ms (i.e. 1000)");
        refuse(config.cpuRealtimePeriod() != 0 || config.cpuRealtimeRuntime() != 0, () -> {
            throw new EngineError.NotSupported("real-time CPU limits are not supported");
        });
        boolean throttled = given(config.blkioWeightDevice())
                || given(config.blkioDeviceReadBps())
                || given(config.blkioDeviceWriteBps())
                || given(config.blkioDeviceReadIops())
                || given(config.blkioDeviceWriteIops());
        refuse(throttled, () -> {
            throw new EngineError.NotSupported("block device limits are not supported");
        });
    }

    private static boolean given(List<?> list) {
        return list != null && !list.isEmpty();
    }

    /** What depends on the host that was chosen. */
    public static void checkOn(HostDescription host, HostConfig config) {
        long nano = config.nanoCpus();
        refuse(
                nano < 0 || nano > host.cpus() * CPU,
                () -> String.format(
                        Locale.ROOT,
                        "Range of CPUs is from 0.01 to %d.00, as there are only %d CPUs available",
                        host.cpus(),
                        host.cpus()));
        long last = cpuset(config.cpusetCpus(), "cpus");
        refuse(
                last >= host.cpus(),
                () -> "Requested CPUs are not available - requested " + config.cpusetCpus() + ", available: "
                        + (host.cpus() == 1 ? "0" : "0-" + (host.cpus() - 1)));
        // Which memory nodes there are, only the host knows.
        cpuset(config.cpusetMems(), "mems");
        refuse(
                !config.runtime().isEmpty() && !host.runtimes().containsKey(config.runtime()),
                () -> "unknown or invalid runtime name: " + config.runtime());
    }

    /** The highest number in a list of numbers and ranges, -1 for an empty one. */
    private static long cpuset(String text, String what) {
        String invalid = "Invalid value " + text + " for cpuset " + what + ": ";
        long highest = -1;
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            refuse(!CPUSET_PART.matcher(part).matches(), () -> invalid + "invalid format: " + text);
            String[] ends = part.split("-", 2);
            long first = Long.parseLong(ends[0]);
            long last = Long.parseLong(ends[ends.length - 1]);
            refuse(last < first, () -> invalid + "invalid format: " + text);
            refuse(last > MAX_CPU, () -> invalid + "value of out range, maximum is " + MAX_CPU);
            highest = Math.max(highest, last);
        }
        return highest;
    }

    private static void refuse(boolean bad, Supplier<String> message) {
        if (bad) {
            throw new EngineError.BadParameter(message.get());
        }
    }
}
