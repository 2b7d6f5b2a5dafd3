package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Resident memory of processes, in MiB. */
final class Memory {
    private Memory() {}

    /**
     * By program: each root under its name, their descendants under the name of their program, and the supervisors of
     * containers, which outlive who started them and so are nobody's descendants.
     *
     * @param roots process ids by name
     * @param supervisor program of a container's supervisor
     * @param mark what its command line contains when it is one of this endpoint's
     */
    static Map<String, Double> of(Map<String, Long> roots, String supervisor, String mark) {
        Map<String, Double> sums = new TreeMap<>();
        roots.forEach((name, pid) -> add(sums, name, pid));
        ProcessHandle.allProcesses()
                .filter(process -> !roots.containsValue(process.pid()))
                .forEach(process -> {
                    String program = read(process.pid(), "comm").strip();
                    if (program.startsWith(supervisor)) {
                        if (read(process.pid(), "cmdline").contains(mark)) {
                            add(sums, program, process.pid());
                        }
                    } else if (descends(process, roots)) {
                        add(sums, program, process.pid());
                    }
                });
        return sums;
    }

    private static boolean descends(ProcessHandle process, Map<String, Long> roots) {
        return process.parent()
                .map(parent -> roots.containsValue(parent.pid()) || descends(parent, roots))
                .orElse(false);
    }

    private static void add(Map<String, Double> sums, String name, long pid) {
        double mebibytes = read(pid, "status")
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024.0;
        sums.merge(name, mebibytes, Double::sum);
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
