package dev.gantry.agent.stats;

import dev.gantry.agent.api.ContainerStats.BlockIo;
import dev.gantry.agent.api.ContainerStats.CpuUsage;
import dev.gantry.agent.api.ContainerStats.Device;
import dev.gantry.agent.api.ContainerStats.Memory;
import dev.gantry.agent.api.ContainerStats.Pids;
import dev.gantry.agent.api.ContainerStats.Throttling;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Version 1, also with version 2 beside it (kernel's {@code cgroup-v1/}: cpuacct, memory, blkio-controller). */
record GroupFiguresV1(GroupFiles files) implements GroupFigures {
    /** Of a second, USER_HZ: what cpuacct.stat counts. */
    static final long TICK_NANOS = 10_000_000;

    private static final List<String> MEMORY = List.of(
            "active_anon",
            "active_file",
            "cache",
            "dirty",
            "hierarchical_memory_limit",
            "hierarchical_memsw_limit",
            "inactive_anon",
            "inactive_file",
            "mapped_file",
            "pgfault",
            "pgmajfault",
            "pgpgin",
            "pgpgout",
            "rss",
            "rss_huge",
            "total_active_anon",
            "total_active_file",
            "total_cache",
            "total_dirty",
            "total_inactive_anon",
            "total_inactive_file",
            "total_mapped_file",
            "total_pgfault",
            "total_pgmajfault",
            "total_pgpgin",
            "total_pgpgout",
            "total_rss",
            "total_rss_huge",
            "total_unevictable",
            "total_writeback",
            "unevictable",
            "writeback");

    @Override
    public Pids pids() throws IOException {
        long limit = files.number("pids.max");
        return new Pids(files.number("pids.current"), limit == 0 ? null : BigInteger.valueOf(limit));
    }

    @Override
    public CpuUsage cpu() throws IOException {
        List<Long> each = new ArrayList<>();
        for (String nanos : files.read("cpuacct.usage_percpu").split("\\s+")) {
            if (!nanos.isEmpty()) {
                each.add(Long.parseUnsignedLong(nanos));
            }
        }
        Map<String, Long> ticks = files.numbers("cpuacct.stat");
        return new CpuUsage(
                each.stream().mapToLong(Long::longValue).sum(),
                each,
                ticks.getOrDefault("system", 0L) * TICK_NANOS,
                ticks.getOrDefault("user", 0L) * TICK_NANOS);
    }

    @Override
    public Throttling throttling() throws IOException {
        Map<String, Long> found = files.numbers("cpu.stat");
        return new Throttling(
                found.getOrDefault("nr_periods", 0L),
                found.getOrDefault("nr_throttled", 0L),
                found.getOrDefault("throttled_time", 0L));
    }

    @Override
    public Memory memory(long most) throws IOException {
        Map<String, Long> found = files.numbers("memory.stat");
        if (found.isEmpty()) {
            return Memory.NONE;
        }
        long limit = files.number("memory.limit_in_bytes");
        return new Memory(
                files.number("memory.usage_in_bytes"),
                files.number("memory.max_usage_in_bytes"),
                GroupFigures.pick(MEMORY, found),
                files.number("memory.failcnt"),
                most > 0 ? Math.min(limit, most) : limit);
    }

    /** The scheduler's figures where it counts (CFQ, until Linux 4.20), else those of throttling, which are of all disks. */
    @Override
    public BlockIo blkio() throws IOException {
        BlockIo scheduled = new BlockIo(
                devices("blkio.io_service_bytes_recursive"),
                devices("blkio.io_serviced_recursive"),
                devices("blkio.io_queued_recursive"),
                devices("blkio.io_service_time_recursive"),
                devices("blkio.io_wait_time_recursive"),
                devices("blkio.io_merged_recursive"),
                devices("blkio.time_recursive"),
                devices("blkio.sectors_recursive"));
        if (!scheduled.bytes().isEmpty() || !scheduled.operations().isEmpty()) {
            return scheduled;
        }
        List<Device> none = List.of();
        return new BlockIo(
                devices("blkio.throttle.io_service_bytes_recursive"),
                devices("blkio.throttle.io_serviced_recursive"),
                none,
                none,
                none,
                none,
                none,
                none);
    }

    /** Lines such as {@code 8:0 Read 4096}, or {@code 8:0 4096} where operations are not told apart, and a sum. */
    private List<Device> devices(String file) throws IOException {
        List<Device> devices = new ArrayList<>();
        for (String line : files.read(file).split("\n")) {
            String[] parts = line.split("[ :]");
            if (parts.length > 2) {
                devices.add(new Device(
                        Long.parseLong(parts[0]),
                        Long.parseLong(parts[1]),
                        parts.length > 3 ? parts[2] : "",
                        Long.parseUnsignedLong(parts[parts.length - 1])));
            }
        }
        return devices;
    }
}
