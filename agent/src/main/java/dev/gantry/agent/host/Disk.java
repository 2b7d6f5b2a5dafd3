package dev.gantry.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** Writing state so that a reader finds the old file or the new one, never a part. */
public final class Disk {
    /** The longest period of the clock that the kernel stamps files with: CONFIG_HZ is at least 100. */
    private static final Duration TICK = Duration.ofMillis(10);

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private Disk() {}

    /**
     * When the file was written. The kernel's stamp is late by up to a tick, and what ended would seem to have ended before
     * it began; so it is taken to be as late as it can be, which is now for one who looks at once.
     */
    public static Instant writtenAt(Path file) throws IOException {
        Instant stamp = Files.getLastModifiedTime(file).toInstant();
        Instant now = Instant.now();
        Instant latest = stamp.plus(TICK);
        return now.isBefore(stamp) || now.isAfter(latest) ? latest : now;
    }

    /** Survives a kill of this process at any moment; after a power cut the old content may be back. */
    public static void replace(Path file, byte[] content) throws IOException {
        write(file, content, false, OWNER_ONLY);
    }

    /** @param mode in place of its owner's only */
    public static void replace(Path file, byte[] content, Set<PosixFilePermission> mode) throws IOException {
        write(file, content, false, mode);
    }

    /** As {@link #replace}, and survives a power cut once it returned. */
    public static void replaceDurably(Path file, byte[] content) throws IOException {
        write(file, content, true, OWNER_ONLY);
        try (FileChannel directory = FileChannel.open(file.getParent())) {
            directory.force(true);
        }
    }

    private static void write(Path file, byte[] content, boolean force, Set<PosixFilePermission> mode)
            throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            Files.setPosixFilePermissions(draft, mode);
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (force) {
                channel.force(true);
            }
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes one of our own directories with all in it; nothing happens when there is none. Links are not followed. */
    public static void deleteTree(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Someone else was quicker.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
