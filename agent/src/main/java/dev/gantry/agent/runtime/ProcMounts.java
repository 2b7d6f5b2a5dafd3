package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What may be mounted over a container's {@code /proc}, by which the kernel confines it: as with runc, another proc over
 * all of it, and files over those that only tell of the machine. crun checks nothing of the kind.
 */
final class ProcMounts {
    private static final Set<String> REPLACEABLE = Set.of(
            "/proc/cpuinfo",
            "/proc/diskstats",
            "/proc/meminfo",
            "/proc/stat",
            "/proc/swaps",
            "/proc/uptime",
            "/proc/loadavg",
            "/proc/slabinfo",
            "/proc/sys/kernel/ns_last_pid");

    private ProcMounts() {}

    /**
     * @param target in the container, cleaned; where its links lead counts
     * @param source of a bind; {@code tmpfs} otherwise
     */
    static void check(Path rootfs, String target, String type, String source) {
        String resolved = RootPaths.resolve(rootfs, target);
        if (!CleanPath.isWithin(resolved, "/proc") || REPLACEABLE.contains(resolved)) {
            return;
        }
        boolean whole = resolved.equals("/proc");
        if (whole && type.equals("bind") && isProc(source)) {
            return;
        }
        String why = whole ? "it is not of type proc" : "it is inside /proc";
        throw new AgentFailure(
                AgentFailure.Code.INTERNAL,
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create"
                        + " failed: unable to start container process: error during container init: error"
                        + " mounting \"" + source + "\" to rootfs at \"" + target + "\": \"" + rootfs + resolved
                        + "\" cannot be mounted because " + why + ": unknown");
    }

    private static boolean isProc(String source) {
        try {
            return Files.getFileStore(Path.of(source)).type().equals("proc");
        } catch (IOException e) {
            return false;
        }
    }
}
