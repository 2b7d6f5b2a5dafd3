package dev.gantry.agent.host;

import dev.gantry.agent.api.Architecture;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What does not change while the host runs.
 *
 * @param memoryTotal bytes
 * @param backingFilesystem type of the filesystem under the data directory
 */
public record HostFacts(
        String name,
        String operatingSystem,
        String osVersion,
        String kernelVersion,
        String architecture,
        int cpus,
        long memoryTotal,
        boolean seccomp,
        boolean appArmor,
        String backingFilesystem) {

    public static HostFacts read(Path dataDirectory, HostRoot host) throws IOException {
        Map<String, String> release = osRelease(host.of("/etc/os-release"));
        FileStore store = Files.getFileStore(dataDirectory);
        return new HostFacts(
                line("/proc/sys/kernel/hostname"),
                release.getOrDefault("PRETTY_NAME", "Linux"),
                release.getOrDefault("VERSION_ID", ""),
                line("/proc/sys/kernel/osrelease"),
                Architecture.ofKernel(System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                totalMemory(),
                Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail")),
                Files.exists(Path.of("/sys/kernel/security/apparmor")),
                store.type());
    }

    private static String line(String file) throws IOException {
        return Files.readString(Path.of(file)).strip();
    }

    /** Bytes. */
    public static long totalMemory() throws IOException {
        return memoryTotal(Files.readAllLines(Path.of("/proc/meminfo")));
    }

    static long memoryTotal(List<String> meminfo) {
        for (String line : meminfo) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    static Map<String, String> osRelease(Path file) throws IOException {
        Map<String, String> result = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    result.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replaceAll("^\"|\"$", ""));
                }
            }
        }
        return result;
    }
}
