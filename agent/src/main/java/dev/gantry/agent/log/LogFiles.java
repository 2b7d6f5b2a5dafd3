package dev.gantry.agent.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The files of one log: the current one, and rotated ones with {@code .1} (the youngest), {@code .2} and so on.
 *
 * @param current as conmon was told
 */
record LogFiles(Path current) {
    Path rotated(int number) {
        return current.resolveSibling(current.getFileName() + "." + number);
    }

    /** Those that exist, oldest first. */
    List<Path> all() {
        List<Path> files = new ArrayList<>();
        if (Files.exists(current)) {
            files.add(current);
        }
        // One number is vacant for a moment while files move to their next names.
        for (int number = 1; Files.exists(rotated(number)) || Files.exists(rotated(number + 1)); number++) {
            if (Files.exists(rotated(number))) {
                files.add(rotated(number));
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
    record Found(Path path, Object identity) {}

    /** The file that follows the one of that identity, null when that is the youngest; the oldest when it is gone. */
    Found after(Object identity) throws IOException {
        List<Found> found = found();
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i).identity().equals(identity)) {
                return i + 1 < found.size() ? found.get(i + 1) : null;
            }
        }
        return found.isEmpty() ? null : found.getFirst();
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
            Path path = number == 0 ? current : rotated(number);
            Object identity = identity(path);
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
                boolean before = wanted.identity().equals(identity(file.path()));
                FileChannel channel = FileChannel.open(file.path());
                if (before && wanted.identity().equals(identity(file.path()))) {
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
        return found().stream()
                .filter(file -> file.identity().equals(identity))
                .findFirst()
                .orElse(null);
    }
}
