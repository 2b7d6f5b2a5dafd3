package dev.gantry.agent.volume;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Volume;
import dev.gantry.agent.api.ContainerOperations.VolumeSpec;
import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.TreeRemoval;
import dev.gantry.agent.snapshot.DiskUsage;
import dev.gantry.agent.snapshot.StorageFailure;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Volumes of this host, each a directory {@code <name>/_data}. Blocking; every method may be repeated and called from
 * several threads. Failures are {@link AgentFailure}.
 *
 * <p>Besides {@code _data}, a volume has a file {@code copying} while image content is copied into it: found at start,
 * it means that the content is incomplete, and the volume is emptied again. {@code volume.json} is there for those that are
 * more than a directory; {@link VolumeUses} mounts them.
 */
@ApplicationScoped
public class Volumes {
    private static final Logger LOG = Logger.getLogger(Volumes.class);
    /** As dockerd's: no name can be a path, or begin with a dot. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}");

    private static final String REMOVED = ".removed-";

    private final Path root;
    private final ObjectMapper json;
    private final ExecutorService removals = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("volume-removal").daemon().factory());
    private final Map<String, ReentrantLock> copying = new ConcurrentHashMap<>();

    @Inject
    Volumes(@ConfigProperty(name = "gantry.data-dir", defaultValue = "/var/lib/gantry") Path data, ObjectMapper json)
            throws IOException {
        this.json = json;
        this.root = data.toAbsolutePath().resolve("agent").resolve("volumes");
        recover();
    }

    private void recover() throws IOException {
        // Containers reach theirs by mounts; a path to a set-user-id file in one would make other users root.
        OwnerOnly.directory(root);
        List<Path> entries = new ArrayList<>();
        try (var stream = Files.newDirectoryStream(root)) {
            stream.forEach(entries::add);
        }
        for (Path entry : entries) {
            if (entry.getFileName().toString().startsWith(REMOVED)) {
                removeLater(entry);
            } else if (Files.exists(marker(entry))) {
                LOG.warnf("Emptying volume %s: the copy of image content into it was cut short", entry.getFileName());
                emptyData(entry);
                Files.delete(marker(entry));
            }
        }
    }

    /** Makes the volume unless there is one. */
    public Volume ensure(VolumeSpec spec) {
        Path volume = directory(spec.name());
        try {
            Path data = data(volume);
            if (!Files.isDirectory(data)) {
                Files.createDirectories(volume);
                if (spec.options() != null && !spec.options().isEmpty()) {
                    keep(spec.name(), new VolumeDescription("", spec.options()));
                }
                Files.createDirectories(data);
                Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            return new Volume(spec.name(), data.toString(), createdAt(volume));
        } catch (IOException e) {
            throw StorageFailure.of("creating volume " + spec.name(), e);
        }
    }

    /** Makes it more than a directory. */
    void keep(String name, VolumeDescription description) {
        try {
            Files.createDirectories(directory(name));
            Disk.replaceDurably(description(directory(name)), json.writeValueAsBytes(description));
        } catch (IOException e) {
            throw StorageFailure.of("creating volume " + name, e);
        }
    }

    /** What is said of a volume; nothing for one that there is not. */
    VolumeDescription describe(String name) {
        Path file = description(directory(name));
        try {
            return Files.exists(file)
                    ? json.readValue(Files.readAllBytes(file), VolumeDescription.class)
                    : new VolumeDescription("", Map.of());
        } catch (IOException e) {
            throw StorageFailure.of("volume " + name, e);
        }
    }

    /** The last change, on filesystems that do not record a time of birth. */
    private static Instant createdAt(Path volume) throws IOException {
        return Files.readAttributes(volume, BasicFileAttributes.class)
                .creationTime()
                .toInstant();
    }

    /**
     * Takes the volume away with all that is in it, and gives the space back soon after; nothing happens when there is
     * none. That nothing uses it is for the caller to know.
     */
    public void delete(String name) {
        Path removed = root.resolve(REMOVED + UUID.randomUUID());
        try {
            Files.move(directory(name), removed, StandardCopyOption.ATOMIC_MOVE);
            copying.remove(name);
            removeLater(removed);
        } catch (NoSuchFileException e) {
            LOG.debugf("Volume %s is gone already", name);
        } catch (IOException e) {
            throw StorageFailure.of("removing volume " + name, e);
        }
    }

    /** Where the volume's content is; whether there is such a volume is not looked at. */
    public Path path(String name) {
        return data(directory(name));
    }

    /** Bytes of the files in it, which containers may be changing meanwhile. */
    public long size(String name) {
        try {
            return DiskUsage.of(ByteStrings.of(path(name)));
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT) {
                throw new AgentFailure(AgentFailure.Code.NOT_FOUND, "no such volume: " + name);
            }
            throw StorageFailure.of("measuring volume " + name, e);
        }
    }

    /**
     * Fills an empty volume with what an image has at a path, and gives it that directory's owner, mode and times.
     * Nothing happens when the volume has content, or when the image has no directory there.
     *
     * @param rootfs the container's mounted root filesystem
     * @param target path in the container; links on the way are resolved inside the root filesystem
     */
    public void copyUp(String name, Path rootfs, String target) {
        Path volume = directory(name);
        ReentrantLock lock = copying.computeIfAbsent(name, key -> new ReentrantLock());
        lock.lock();
        try (Fd to = openData(name, data(volume));
                Fd top = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            Optional<Fd> from = openTarget(top, target);
            if (from.isPresent()) {
                try (Fd source = from.get()) {
                    copyIntoEmpty(volume, source, to);
                }
            }
        } catch (IOException e) {
            throw StorageFailure.of("copying image content into volume " + name, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same into a mounted volume, or into an empty directory of any; nothing happens when there is none.
     *
     * @param data where the volume is
     * @param part null for all of it
     */
    public void copyUp(String name, Path data, String part, Path rootfs, String target) {
        try (Fd to = part == null
                        ? openData(name, data)
                        : open(name, data, part, OpenFiles.READ | OpenFiles.DIRECTORY);
                Fd top = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            Optional<Fd> from = openTarget(top, target);
            if (from.isPresent()) {
                try (Fd source = from.get()) {
                    if (TreeCopy.isEmpty(to)) {
                        copyOrNothing(source, to);
                    }
                }
            }
        } catch (AgentFailure e) {
            // As dockerd: the start says so.
            LOG.debugf("volume %s: %s", name, e.getMessage());
        } catch (IOException e) {
            throw StorageFailure.of("copying image content into volume " + name, e);
        }
    }

    /** Whether an image has a directory there, with which volumes are filled. */
    public static boolean hasDirectory(Path rootfs, String target) {
        try (Fd top = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            Optional<Fd> found = openTarget(top, target);
            found.ifPresent(Fd::close);
            return found.isPresent();
        } catch (IOException e) {
            throw StorageFailure.of("looking at " + target + " of the image", e);
        }
    }

    private static void copyOrNothing(Fd from, Fd to) throws IOException {
        try {
            TreeCopy.copy(from, to);
        } catch (IOException | RuntimeException e) {
            TreeRemoval.empty(to);
            throw e;
        }
    }

    /**
     * A file or directory in a volume, whatever its containers make of the names on the way meanwhile.
     *
     * @param data where the volume is
     * @param part relative; links in it may lead to what is in the volume, too
     * @throws AgentFailure in dockerd's words when there is none, or when it is not in the volume
     */
    public Fd open(String name, Path data, String part, int flags) throws IOException {
        try (Fd top = openData(name, data)) {
            return OpenFiles.openBeneath(top, ByteStrings.of(part), flags);
        } catch (ErrnoException e) {
            String message = e.errno() == ErrnoException.EXDEV
                    ? "path concatenation escapes the base directory, base: " + data + ", subpath: " + part
                    : "cannot access path " + data.resolve(part) + ": lstat " + data.resolve(part) + ": "
                            + (e.errno() == ErrnoException.ENOENT ? "no such file or directory" : e.getMessage());
            throw new AgentFailure(AgentFailure.Code.INTERNAL, message, e);
        }
    }

    private static Fd openData(String name, Path data) throws ErrnoException {
        if (!Files.isDirectory(data)) {
            throw new AgentFailure(AgentFailure.Code.NOT_FOUND, "no such volume: " + name);
        }
        return OpenFiles.open(ByteStrings.of(data), OpenFiles.READ | OpenFiles.DIRECTORY);
    }

    private static Optional<Fd> openTarget(Fd rootfs, String target) throws ErrnoException {
        try {
            return Optional.of(
                    OpenFiles.openInRoot(rootfs, ByteStrings.of(target), OpenFiles.READ | OpenFiles.DIRECTORY));
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void copyIntoEmpty(Path volume, Fd from, Fd to) throws IOException {
        if (!TreeCopy.isEmpty(to)) {
            return;
        }
        Files.createFile(marker(volume));
        try {
            TreeCopy.copy(from, to);
        } catch (IOException | RuntimeException e) {
            emptyData(volume);
            throw e;
        } finally {
            Files.delete(marker(volume));
        }
    }

    private static void emptyData(Path volume) throws IOException {
        try (Fd data = OpenFiles.open(ByteStrings.of(data(volume)), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            TreeRemoval.empty(data);
        }
    }

    private void removeLater(Path tree) {
        removals.execute(() -> {
            try (Fd parent = OpenFiles.open(ByteStrings.of(root), OpenFiles.READ | OpenFiles.DIRECTORY)) {
                TreeRemoval.remove(parent, ByteStrings.of(tree.getFileName()));
            } catch (IOException e) {
                LOG.warnf("%s remains until the next start: %s", tree, e.getMessage());
            }
        });
    }

    /** For tests: waits until the space of all that was deleted is given back. */
    void awaitRemovals() {
        CompletableFuture.runAsync(() -> {}, removals).join();
    }

    @PreDestroy
    void close() {
        removals.shutdown();
    }

    private Path directory(String name) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid volume name: " + name);
        }
        return root.resolve(name);
    }

    private static Path data(Path volume) {
        return volume.resolve("_data");
    }

    private static Path description(Path volume) {
        return volume.resolve("volume.json");
    }

    private static Path marker(Path volume) {
        return volume.resolve("copying");
    }
}
