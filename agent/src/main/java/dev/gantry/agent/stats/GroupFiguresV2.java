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

/** Version 2 (kernel's {@code cgroup-v2}). */
record GroupFiguresV2(GroupFiles files) implements GroupFigures {
    private static final BigInteger NO_LIMIT = BigInteger.TWO.pow(Long.SIZE).subtract(BigInteger.ONE);
    private static final long MICROSECOND = 1_000;

    private static final List<String> MEMORY = List.of(
            "active_anon",
            "active_file",
            "anon",
            "anon_thp",
            "file",
            "file_dirty",
            "file_mapped",
            "file_writeback",
            "inactive_anon",
            "inactive_file",
            "kernel_stack",
            "pgactivate",
            "pgdeactivate",
            "pgfault",
            "pglazyfree",
            "pglazyfreed",
            "pgmajfault",
            "pgrefill",
            "pgscan",
            "pgsteal",
            "shmem",
            "slab",
            "slab_reclaimable",
            "slab_unreclaimable",
            "sock",
            "thp_collapse_alloc",
            "thp_fault_alloc",
            "unevictable",
            "workingset_activate",
            "workingset_nodereclaim",
            "workingset_refault");

    @Override
    public Pids pids() throws IOException {
        String limit = files.read("pids.max").strip();
        return new Pids(
                files.number("pids.current"),
                limit.isEmpty() ? null : limit.equals("max") ? NO_LIMIT : new BigInteger(limit));
    }

    @Override
    public CpuUsage cpu() throws IOException {
        Map<String, Long> found = files.numbers("cpu.stat");
        return new CpuUsage(
                micros(found, "usage_usec"), List.of(), micros(found, "system_usec"), micros(found, "user_usec"));
    }

    @Override
    public Throttling throttling() throws IOException {
        Map<String, Long> found = files.numbers("cpu.stat");
        return new Throttling(
                found.getOrDefault("nr_periods", 0L),
                found.getOrDefault("nr_throttled", 0L),
                micros(found, "throttled_usec"));
    }

    private static long micros(Map<String, Long> found, String name) {
        return found.getOrDefault(name, 0L) * MICROSECOND;
    }

    @Override
    public Memory memory(long most) throws IOException {
        Map<String, Long> found = files.numbers("memory.stat");
        if (found.isEmpty()) {
            return Memory.NONE;
        }
        long limit = files.number("memory.max");
        boolean limited = !files.read("memory.max").startsWith("max");
        return new Memory(
                files.number("memory.current"),
                0,
                GroupFigures.pick(MEMORY, found),
                files.numbers("memory.events").getOrDefault("oom", 0L),
                limited && (most <= 0 || limit < most) ? limit : most);
    }

    /** Lines such as {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0}. */
    @Override
    public BlockIo blkio() throws IOException {
        List<Device> devices = new ArrayList<>();
        for (String line : files.read("io.stat").split("\n")) {
            String[] parts = line.split(" ");
            String[] numbers = parts[0].split(":");
            if (parts.length > 1 && numbers.length == 2) {
                long major = Long.parseLong(numbers[0]);
                long minor = Long.parseLong(numbers[1]);
                devices.add(new Device(major, minor, "read", value(parts, "rbytes=")));
                devices.add(new Device(major, minor, "write", value(parts, "wbytes=")));
            }
        }
        return devices.isEmpty() ? BlockIo.UNKNOWN : new BlockIo(devices, null, null, null, null, null, null, null);
    }

    private static long value(String[] parts, String name) {
        for (String part : parts) {
            if (part.startsWith(name)) {
                return Long.parseUnsignedLong(part.substring(name.length()));
            }
        }
        return 0;
    }
}
