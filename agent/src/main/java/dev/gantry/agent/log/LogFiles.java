package dev.gantry.agent.log;

import java.io.IOException;
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
        for (int number = 1; Files.exists(rotated(number)); number++) {
            files.add(rotated(number));
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

    /** The file that follows the one of that identity, null when that is the youngest, or the oldest when it is gone. */
    Path after(Object identity) throws IOException {
        List<Path> files = all();
        for (int i = 0; i < files.size(); i++) {
            if (identity.equals(identity(files.get(i)))) {
                return i + 1 < files.size() ? files.get(i + 1) : null;
            }
        }
        return files.isEmpty() ? null : files.getFirst();
    }
}
