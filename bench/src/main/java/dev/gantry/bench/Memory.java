package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Resident memory of programs and their children. */
final class Memory {
    private Memory() {}

    /** Sum of VmRSS in MiB over the processes and all their descendants; those that ended meanwhile count nothing. */
    static double residentMebibytes(List<Path> roots) {
        return roots.stream()
                        .map(pid -> ProcessHandle.of(Long.parseLong(pid.toString())))
                        .flatMap(java.util.Optional::stream)
                        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                        .map(ProcessHandle::pid)
                        // One root may be another's child, as what a supervisor started.
                        .distinct()
                        .mapToLong(Memory::residentKibibytes)
                        .sum()
                / 1024.0;
    }

    private static long residentKibibytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException ended) {
            return 0;
        }
    }
}
