package dev.gantry.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The files of one log: the current one, and rotated ones with {@code .1} (the youngest), {@code .2} and so on, with
 * {@code .gz} behind that when they are compressed.
 *
 * @param current as conmon was told
 */
record LogFiles(Path current) {
    private static final int BLOCK = 64 * 1024;

    Path rotated(int number) {
        return current.resolveSibling(current.getFileName() + "." + number);
    }

    /** The file of that number, compressed or not; null when there is none. */
    private Path existing(int number) {
        Path plain = number == 0 ? current : rotated(number);
        if (Files.exists(plain)) {
            return plain;
        }
        Path compressed = CompressedLog.of(plain);
        return number > 0 && Files.exists(compressed) ? compressed : null;
    }

    /** Those that exist, oldest first. */
    List<Path> all() {
        List<Path> files = new ArrayList<>();
        int vacant = 0;
        // One number is vacant for a moment while files move to their next names.
        for (int number = 0; vacant < 2 || number < 3; number++) {
            Path file = existing(number);
            vacant = file == null ? vacant + 1 : 0;
            if (file != null) {
                files.add(file);
            }
        }
        Collections.reverse(files);
        return files;
    }

    /** Which file it is, whatever its name becomes; null when there is none. */
    static Object identity(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * A file by what it is, since its name changes whenever the log is rotated.
     *
     * @param path where it was seen
     */
    record Found(Path path, Object identity) {
        /**
         * Whether it is that file. A compressed one is also the one that it was made of; whoever still reads that keeps the
         * kernel from making another with its identity.
         */
        boolean is(Object other) throws IOException {
            return identity.equals(other) || other.toString().equals(CompressedLog.original(path));
        }
    }

    /** The file that follows the one of that identity, null when that is the youngest; the oldest when it is gone. */
    Found after(Object identity) throws IOException {
        List<Found> found = found();
        for (int i = found.size() - 1; i >= 0; i--) {
            if (found.get(i).is(identity)) {
                return i + 1 < found.size() ? found.get(i + 1) : null;
            }
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    Found oldest() throws IOException {
        List<Found> found = found();
        return found.isEmpty() ? null : found.getFirst();
    }

    /** @param identity in text; null when it is gone */
    Found named(String identity) throws IOException {
        for (Found one : found().reversed()) {
            if (one.identity().toString().equals(identity) || identity.equals(CompressedLog.original(one.path()))) {
                return one;
            }
        }
        return null;
    }

    /** Whether it is that file or a younger one, or that one is gone. */
    boolean isSameOrAfter(Found file, String identity) throws IOException {
        for (Found one : found().reversed()) {
            if (one.identity().equals(file.identity())) {
                return true;
            }
            if (one.identity().toString().equals(identity)) {
                return false;
            }
        }
        return true;
    }

    /** Bytes from there on, to the end of the youngest file. */
    long bytesFrom(Found file, long position) throws IOException {
        long bytes = -position;
        boolean seen = file == null;
        for (Found one : found()) {
            seen |= one.identity().equals(file == null ? null : file.identity());
            if (seen) {
                bytes += Files.size(one.path());
            }
        }
        return bytes;
    }

    /** Lines from there on, at most so many as there are to the end of the youngest file. */
    long linesFrom(Found file, long position) throws IOException {
        long lines = 0;
        boolean seen = file == null;
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (Found one : found()) {
            boolean first = file != null && one.identity().equals(file.identity());
            seen |= first;
            try (FileChannel channel = seen ? open(one) : null) {
                for (long at = first ? position : 0; channel != null && channel.read(block.clear(), at) > 0; ) {
                    at += block.position();
                    for (int i = 0; i < block.position(); i++) {
                        lines += block.get(i) == '\n' ? 1 : 0;
                    }
                }
            }
        }
        return lines;
    }

    /**
     * Oldest first. Looked at from the youngest on: as files move to older names meanwhile, one may be seen twice, but
     * none is missed.
     */
    private List<Found> found() throws IOException {
        List<Found> found = new ArrayList<>();
        int vacant = 0;
        // One number is vacant for a moment while files move to their next names.
        for (int number = 0; vacant < 2 || number < 3; number++) {
            Path path = existing(number);
            Object identity = path == null ? null : identity(path);
            vacant = identity == null ? vacant + 1 : 0;
            if (identity != null) {
                found.removeIf(other -> other.identity().equals(identity));
                found.add(new Found(path, identity));
            }
        }
        Collections.reverse(found);
        return found;
    }

    Found find(Path path) throws IOException {
        Object identity = identity(path);
        return identity == null ? null : new Found(path, identity);
    }

    /** Opens that very file, whatever its name is by now; null when it was deleted. */
    FileChannel open(Found wanted) throws IOException {
        for (Found file = wanted; file != null; file = where(wanted.identity())) {
            try {
                boolean before = file.identity().equals(identity(file.path()));
                FileChannel channel = CompressedLog.open(file.path());
                if (before && file.identity().equals(identity(file.path()))) {
                    return channel;
                }
                channel.close();
            } catch (NoSuchFileException e) {
                // Moved on meanwhile.
                continue;
            }
        }
        return null;
    }

    private Found where(Object identity) throws IOException {
        for (Found file : found().reversed()) {
            if (file.is(identity)) {
                return file;
            }
        }
        return null;
    }
}
