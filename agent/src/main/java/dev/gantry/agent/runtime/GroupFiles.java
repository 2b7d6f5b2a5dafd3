package dev.gantry.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * The limits of a control group as the kernel has them. A runtime writes one file after the other: when one is refused, those
 * before it have changed already, and of crun nobody takes them back.
 */
public final class GroupFiles {
    private static final Logger LOG = Logger.getLogger(GroupFiles.class);

    private static final List<String> VERSION_1 = List.of(
            "cpu/%s/cpu.shares",
            "cpu/%s/cpu.cfs_period_us",
            "cpu/%s/cpu.cfs_quota_us",
            "cpu/%s/cpu.rt_period_us",
            "cpu/%s/cpu.rt_runtime_us",
            "cpuset/%s/cpuset.cpus",
            "cpuset/%s/cpuset.mems",
            "memory/%s/memory.limit_in_bytes",
            "memory/%s/memory.memsw.limit_in_bytes",
            "memory/%s/memory.soft_limit_in_bytes",
            "pids/%s/pids.max",
            "blkio/%s/blkio.weight",
            "blkio/%s/blkio.bfq.weight");
    private static final List<String> VERSION_2 = List.of(
            "%s/cpu.weight",
            "%s/cpu.max",
            "%s/cpuset.cpus",
            "%s/cpuset.mems",
            "%s/memory.max",
            "%s/memory.swap.max",
            "%s/memory.low",
            "%s/pids.max",
            "%s/io.weight",
            "%s/io.bfq.weight");

    private final Cgroups host;
    private final String group;
    private final Map<Path, String> contents = new LinkedHashMap<>();

    /** @param group from the root of each hierarchy */
    public GroupFiles(Cgroups host, String group) {
        this.host = host;
        this.group = group;
        for (String file : host.unified() ? VERSION_2 : VERSION_1) {
            read(file(file), contents);
        }
    }

    /**
     * Has what ends of a change.
     *
     * @throws IOException when the kernel does not allow it
     */
    public void lift(LimitChange change) throws IOException {
        if (change.pidsEnd()) {
            Files.writeString(file(host.unified() ? "%s/pids.max" : "pids/%s/pids.max"), "max");
        }
        if (change.quotaEnds()) {
            Files.writeString(
                    file(host.unified() ? "%s/cpu.max" : "cpu/%s/cpu.cfs_quota_us"), host.unified() ? "max" : "-1");
        }
    }

    private Path file(String name) {
        return host.root().resolve(name.formatted(group.substring(1)));
    }

    /** Writes back what has changed; twice, since one limit may not be let go before another. */
    public void restore() {
        for (int pass = 0; pass < 2; pass++) {
            contents.forEach(GroupFiles::write);
        }
        contents.forEach((path, wanted) -> {
            if (!isSo(path, wanted)) {
                LOG.warnf("%s stays changed", path);
            }
        });
    }

    private static void read(Path path, Map<Path, String> into) {
        try {
            if (Files.exists(path)) {
                into.put(path, Files.readString(path).strip());
            }
        } catch (IOException e) {
            LOG.debugf("%s: %s", path, e.getMessage());
        }
    }

    private static boolean isSo(Path path, String wanted) {
        Map<Path, String> now = new LinkedHashMap<>();
        read(path, now);
        return wanted.equals(now.getOrDefault(path, wanted));
    }

    private static void write(Path path, String wanted) {
        try {
            if (!isSo(path, wanted)) {
                // An empty list of processors is a line.
                Files.writeString(path, wanted + "\n");
            }
        } catch (IOException e) {
            LOG.debugf("%s: %s", path, e.getMessage());
        }
    }
}
