package dev.gantry.agent.runtime;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.linux.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The host's control groups, whichever version it mounts. */
public final class Cgroups {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final Path root;
    private final boolean unified;

    /** @param root where the controllers (version 1) or the one hierarchy (version 2) are mounted */
    Cgroups(Path root) {
        this.root = root;
        this.unified = Files.exists(root.resolve("cgroup.controllers"));
    }

    public static Cgroups ofHost() {
        return new Cgroups(ROOT);
    }

    Path root() {
        return root;
    }

    /** Version 2 only. */
    public boolean unified() {
        return unified;
    }

    /** {@code "2"}, or {@code "1"} also for hybrid hosts, as {@code docker info} says it. */
    public String version() {
        return unified ? "2" : "1";
    }

    /** Version 1 with the version 2 hierarchy beside it, which crun before 1.9 refuses. */
    boolean hybrid() {
        return Files.exists(root.resolve("unified/cgroup.procs"));
    }

    /** What the kernel can limit, by the files of its groups. */
    public HostDescription.Limits limits() {
        return new HostDescription.Limits(
                limitsSwap(),
                !unified && Files.exists(root.resolve("cpu/cpu.rt_period_us")),
                weighsBlockIo(),
                unified || Files.exists(root.resolve("blkio/blkio.weight_device")),
                unified || Files.exists(root.resolve("blkio/blkio.throttle.read_bps_device")),
                Files.exists(Path.of("/sys/kernel/security/apparmor")),
                Files.exists(Path.of("/sys/fs/selinux/enforce")),
                list("cpuset/cpuset.cpus", "cpuset.cpus.effective"),
                list("cpuset/cpuset.mems", "cpuset.mems.effective"));
    }

    private String list(String version1, String version2) {
        try {
            return Files.readString(root.resolve(unified ? version2 : version1)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    public boolean limitsSwap() {
        return unified
                ? Files.exists(Path.of("/proc/swaps"))
                : Files.exists(root.resolve("memory/memory.memsw.limit_in_bytes"));
    }

    public boolean weighsBlockIo() {
        return unified || Files.exists(root.resolve("blkio/blkio.weight"));
    }

    /** Every process in a group and in the groups below; empty when there is no such group. */
    public Set<Integer> processes(String group) {
        Set<Integer> result = new LinkedHashSet<>();
        for (Path hierarchy : List.of(root, root.resolve("pids"), root.resolve("memory"))) {
            Path directory = hierarchy.resolve(group.substring(1));
            if (Files.isDirectory(directory)) {
                collect(directory, result);
                return result;
            }
        }
        return result;
    }

    /**
     * Ends what is left in a group, and removes it in every hierarchy. Nothing happens when there is none.
     *
     * @return whether it is gone
     */
    public boolean remove(String group) {
        for (int pid : processes(group)) {
            try {
                Signals.send(pid, Signals.startTime(pid), Signals.SIGKILL);
            } catch (IOException e) {
                // Seen again below, when the directory cannot be removed.
            }
        }
        boolean gone = true;
        for (Path hierarchy : hierarchies()) {
            gone &= removeTree(hierarchy.resolve(group.substring(1)));
        }
        return gone;
    }

    /**
     * Makes a group in every hierarchy.
     *
     * @throws UncheckedIOException when one cannot be made or used
     */
    List<Path> make(String group) {
        List<Path> made = new ArrayList<>();
        for (Path hierarchy : hierarchies()) {
            if (Files.exists(hierarchy.resolve("cgroup.procs"))) {
                made.add(make(hierarchy, group.substring(1)));
            }
        }
        return made;
    }

    private static Path make(Path hierarchy, String group) {
        try {
            Path directory = Files.createDirectories(hierarchy.resolve(group));
            // In version 1 a group takes nobody in before it has processors and memory (cpuset(7)).
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                if (Files.exists(directory.resolve(file)) && hierarchy.endsWith("cpuset")) {
                    Files.writeString(directory.resolve(file), Files.readString(hierarchy.resolve(file)));
                }
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a group without groups or processes in it, in every hierarchy. */
    void removeIfEmpty(String group) {
        for (Path hierarchy : hierarchies()) {
            try {
                Files.deleteIfExists(hierarchy.resolve(group.substring(1)));
            } catch (IOException e) {
                // EBUSY: in use.
                continue;
            }
        }
    }

    /** The {@code cgroup.procs} of the groups this process is in, one for each hierarchy that is visible here. */
    Stream<Path> ownGroups() {
        try {
            return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                    .map(line -> line.split(":", 3))
                    .map(parts ->
                            hierarchy(parts[1]).resolve(parts[2].substring(1)).resolve("cgroup.procs"))
                    .filter(Files::isWritable);
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** @param controllers as in cgroups(7), {@code /proc/[pid]/cgroup}: empty for version 2 */
    private Path hierarchy(String controllers) {
        if (controllers.isEmpty()) {
            return unified ? root : root.resolve("unified");
        }
        return root.resolve(controllers.startsWith("name=") ? controllers.substring("name=".length()) : controllers);
    }

    private List<Path> hierarchies() {
        if (unified) {
            return List.of(root);
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(entry -> Files.isDirectory(entry) && !Files.isSymbolicLink(entry))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean removeTree(Path group) {
        if (!Files.isDirectory(group)) {
            return true;
        }
        try {
            // The files in a group cannot be deleted, and need not be.
            for (Path directory : directoriesDeepestFirst(group)) {
                Files.delete(directory);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> directoriesDeepestFirst(Path group) throws IOException {
        List<Path> directories = new ArrayList<>();
        Files.walkFileTree(group, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) {
                directories.add(directory);
                return FileVisitResult.CONTINUE;
            }
        });
        return directories;
    }

    private static void collect(Path group, Set<Integer> pids) {
        try {
            Files.walkFileTree(group, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (file.getFileName().toString().equals("cgroup.procs")) {
                        Files.readAllLines(file).forEach(line -> pids.add(Integer.valueOf(line.strip())));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // The group went away meanwhile.
        }
    }
}
