package dev.gantry.container.create;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Limits that a container may have, in dockerd's words where it may not or the kernel does not know them. */
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

    private static final String UNSUPPORTED =
            "Your kernel does not support %s or the cgroup is not mounted. %s discarded.";

    private static final List<String> THROTTLES =
            List.of("BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps");

    /** Each is a line that the host's runtime writes. */
    private static final int MOST_DEVICES = 256;

    private ResourceRules() {}

    /** What can be judged without knowing the host. */
    public static void check(HostConfig config) {
        refuse(
                config.memory() == 0 && config.memorySwap() > 0,
                () -> "You should always set the Memory limit when using Memoryswap limit, see usage");
        refuse(
                config.ioMaximumIops() != 0,
                () -> "Invalid QoS settings: linux does not support configuration of maximum IOPs");
        refuse(
                config.ioMaximumBandwidth() != 0,
                () -> "Invalid QoS settings: linux does not support configuration of maximum bandwidth");
        checkUpdate(config);
    }

    /** The same of an update, whose container may have a limit of memory already. */
    public static void checkUpdate(HostConfig config) {
        checkMemory(config);
        checkCpu(config);
        refuse(
                config.ioMaximumIops() != 0 || config.ioMaximumBandwidth() != 0,
                () -> "Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps");
        refuse(
                config.oomScoreAdj() < -1000 || config.oomScoreAdj() > 1000,
                () -> "Invalid value " + config.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
        checkBlockIo(config);
        refuse(config.shmSize() < 0, () -> "SHM size can not be less than 0");
        refuse(config.blkioWeight() < 0, () -> "Range of blkio weight is from 10 to 1000");
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

    private static void checkBlockIo(HostConfig config) {
        Stream.of(
                        config.blkioDeviceReadBps(),
                        config.blkioDeviceWriteBps(),
                        config.blkioDeviceReadIops(),
                        config.blkioDeviceWriteIops())
                .filter(Objects::nonNull)
                .forEach(devices -> {
                    refuse(devices.size() > MOST_DEVICES, () -> "too many block devices are limited");
                    devices.forEach(device -> {
                        boolean fits =
                                device.rate().signum() >= 0 && device.rate().bitLength() <= Long.SIZE;
                        refuse(!fits, () -> "invalid rate for device: " + device.path());
                        checkDevice(device.path());
                    });
                });
        List<HostConfig.WeightDevice> weights =
                config.blkioWeightDevice() == null ? List.of() : config.blkioWeightDevice();
        refuse(weights.size() > MOST_DEVICES, () -> "too many block devices are limited");
        weights.forEach(device -> {
            refuse(device.weight() < 0 || device.weight() > 1000, () -> "invalid weight for device: " + device.path());
            checkDevice(device.path());
        });
    }

    private static void checkDevice(String path) {
        refuse(path.isEmpty() || !CleanPath.isPossible(path), () -> "stat " + path + ": no such file or directory");
    }

    private static void checkMemory(HostConfig config) {
        long memory = config.memory();
        long swap = config.memorySwap();
        long reservation = config.memoryReservation();
        refuse(memory != 0 && memory < MIN_MEMORY, () -> "Minimum memory limit allowed is 6MB");
        refuse(
                swap > 0 && swap < memory,
                () -> "Minimum memoryswap limit should be larger than memory limit, see usage");
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
        refuse(
                config.cpuRealtimePeriod() != 0 && config.cpuRealtimeRuntime() > config.cpuRealtimePeriod(),
                () -> "cpu real-time runtime cannot be higher than cpu real-time period");
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
        HostDescription.Limits limits = host.limits();
        long node = cpuset(config.cpusetMems(), "mems");
        refuse(
                node > highest(limits.memoryNodes()),
                () -> "Requested memory nodes are not available - requested " + config.cpusetMems() + ", available: "
                        + limits.memoryNodes());
        int weight = config.blkioWeight();
        refuse(
                limits.blockIoWeight() && weight != 0 && (weight < 10 || weight > 1000),
                () -> "Range of blkio weight is from 10 to 1000");
        refuse(
                !limits.cpuRealtime() && (config.cpuRealtimePeriod() != 0 || config.cpuRealtimeRuntime() != 0),
                () -> "kernel does not support CPU real-time scheduler");
        checkStorage(host, config.storageOpt());
        if (limits.seLinux() && SecurityOptions.parse(config.securityOpt()).labelled()) {
            throw new EngineError.NotSupported("SELinux labels are not supported");
        }
        refuse(
                !config.runtime().isEmpty() && !host.runtimes().containsKey(config.runtime()),
                () -> "unknown or invalid runtime name: " + config.runtime());
    }

    /** Of a quota on a file system that has them the words of dockerd would be wrong. */
    private static void checkStorage(HostDescription host, Map<String, String> options) {
        if (options == null || options.isEmpty()) {
            return;
        }
        if (!options.containsKey("size")) {
            throw new EngineError.Failed(
                    "Unknown option " + options.keySet().iterator().next());
        }
        if (host.backingFilesystem().equals("xfs")) {
            throw new EngineError.NotSupported("sizes of containers are not supported");
        }
        throw new EngineError.Failed("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
    }

    /** What is asked for and the host does not do, in dockerd's words. */
    public static List<String> warnings(HostDescription host, HostConfig config) {
        List<String> warnings = new ArrayList<>();
        HostDescription.Limits limits = host.limits();
        if (Boolean.TRUE.equals(config.oomKillDisable()) && !version1(host)) {
            warnings.add("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
        } else if (Boolean.TRUE.equals(config.oomKillDisable()) && config.memory() == 0) {
            warnings.add("OOM killer is disabled for the container, but no memory limit is set, this can result in the"
                    + " system running out of resources.");
        }
        if (config.memorySwappiness() != null && config.memorySwappiness() >= 0 && !version1(host)) {
            warnings.add(UNSUPPORTED.formatted("memory swappiness capabilities", "Memory swappiness"));
        }
        if (config.memory() > 0 && config.memorySwap() != -1 && !limits.swap()) {
            warnings.add("Your kernel does not support swap limit capabilities or the cgroup is not mounted."
                    + " Memory limited without swap.");
        }
        if (config.cpuPercent() > 0) {
            warnings.add("linux does not support CPU percent. Percent discarded.");
        }
        if (config.blkioWeight() > 0 && !limits.blockIoWeight()) {
            warnings.add(UNSUPPORTED.formatted("Block I/O weight", "Weight"));
        }
        if (given(config.blkioWeightDevice()) && !limits.blockIoWeightDevice()) {
            warnings.add(UNSUPPORTED.formatted("Block I/O weight_device", "Weight-device"));
        }
        if (!limits.blockIoThrottle()) {
            warnThrottles(config, warnings);
        }
        return warnings;
    }

    private static void warnThrottles(HostConfig config, List<String> warnings) {
        if (given(config.blkioDeviceReadBps())) {
            warnings.add(UNSUPPORTED.formatted("BPS Block I/O read limit", "Block I/O BPS read limit"));
        }
        if (given(config.blkioDeviceWriteBps())) {
            warnings.add(UNSUPPORTED.formatted("BPS Block I/O write limit", "Block I/O BPS write limit"));
        }
        if (given(config.blkioDeviceReadIops())) {
            warnings.add(UNSUPPORTED.formatted("IOPS Block read limit", "Block I/O IOPS read limit"));
        }
        if (given(config.blkioDeviceWriteIops())) {
            warnings.add(UNSUPPORTED.formatted("IOPS Block write limit", "Block I/O IOPS write limit"));
        }
    }

    /** Without what the host does not do. */
    public static HostConfig possible(HostDescription host, HostConfig config) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(config);
        discard(host, config, tree);
        return HostDefaults.read(tree);
    }

    /** @param tree the configuration, which is changed */
    static void discard(HostDescription host, HostConfig config, ObjectNode tree) {
        HostDescription.Limits limits = host.limits();
        if (!limits.blockIoWeight()) {
            tree.put("BlkioWeight", 0);
        }
        if (!limits.blockIoWeightDevice() && given(config.blkioWeightDevice())) {
            tree.putArray("BlkioWeightDevice");
        }
        if (!limits.blockIoThrottle()) {
            THROTTLES.stream().filter(field -> !tree.path(field).isEmpty()).forEach(tree::putArray);
        }
        if (!version1(host)) {
            tree.putNull("OomKillDisable");
            tree.putNull("MemorySwappiness");
        }
        tree.put("CpuPercent", 0);
    }

    private static boolean version1(HostDescription host) {
        return !host.cgroupVersion().equals("2");
    }

    /** Of a list that a kernel wrote. */
    private static long highest(String list) {
        return Arrays.stream(list.split("[,-]"))
                .filter(number -> !number.isEmpty())
                .mapToLong(Long::parseLong)
                .max()
                .orElse(0);
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
