package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Figures of an endpoint's processes, from proc(5). */
final class Processes {
    /** Of a second: USER_HZ. */
    private static final double TICK_MILLIS = 10;

    private Processes() {}

    /** Resident memory, in MiB. */
    static double mebibytes(long pid) {
        return read(pid, "status")
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024.0;
    }

    /** Processor time that it took until now, and its children that ended, in milliseconds. */
    static double processorMillis(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        // utime, stime, cutime and cstime are fields 14 to 17; the first one here is the third.
        double ticks = 0;
        for (int field = 11; field < Math.min(15, fields.length); field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks * TICK_MILLIS;
    }

    /**
     * Sums by program: each root under its name, their descendants under the name of their program, and the supervisors of
     * containers, which outlive who started them and so are nobody's descendants.
     *
     * @param roots process ids by name
     * @param supervisor program of a container's supervisor
     * @param mark what its command line contains when it is one of this endpoint's
     */
    static Map<String, Double> sums(
            Map<String, Long> roots, String supervisor, String mark, ToDoubleFunction<Long> figure) {
        Map<String, Double> sums = new TreeMap<>();
        roots.forEach((name, pid) -> sums.merge(name, figure.applyAsDouble(pid), Double::sum));
        ProcessHandle.allProcesses()
                .filter(process -> !roots.containsValue(process.pid()))
                .forEach(process -> {
                    String program = read(process.pid(), "comm").strip();
                    boolean counts = program.startsWith(supervisor)
                            ? read(process.pid(), "cmdline").contains(mark)
                            : descends(process, roots);
                    if (counts) {
                        sums.merge(program, figure.applyAsDouble(process.pid()), Double::sum);
                    }
                });
        return sums;
    }

    private static boolean descends(ProcessHandle process, Map<String, Long> roots) {
        return process.parent()
                .map(parent -> roots.containsValue(parent.pid()) || descends(parent, roots))
                .orElse(false);
    }

    /** Empty when the process has ended meanwhile. */
    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException ended) {
            return "";
        }
    }
}
