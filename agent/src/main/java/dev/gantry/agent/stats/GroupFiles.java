package dev.gantry.agent.stats;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files of one control group, kept open once they were read: a reading is one call for each. An open file keeps no group
 * from being removed; reading it fails from then on.
 */
final class GroupFiles implements AutoCloseable {
    private final Path root;
    private final boolean unified;
    private final String group;
    private final KernelText text;

    /** Null for a file that is not there. */
    private final Map<String, Fd> open = new HashMap<>();

    /** @param root where the hierarchies, or the one of version 2, are mounted */
    GroupFiles(Path root, String group, KernelText text) {
        this.root = root;
        this.unified = Files.exists(root.resolve("cgroup.controllers"));
        this.group = group.substring(1);
        this.text = text;
    }

    /** Version 2 only. */
    boolean unified() {
        return unified;
    }

    /**
     * {@return the file's text; empty when there is none}
     *
     * @param file whose name begins with its controller's
     */
    String read(String file) throws IOException {
        if (!open.containsKey(file)) {
            open.put(file, open(file));
        }
        Fd opened = open.get(file);
        return opened == null ? "" : text.read(opened);
    }

    private Fd open(String file) throws IOException {
        Path hierarchy = unified ? root : root.resolve(file.substring(0, file.indexOf('.')));
        try {
            return OpenFiles.open(hierarchy.resolve(group).resolve(file).toString(), OpenFiles.READ);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** The one number in a file; 0 when it is not there or says {@code max}. */
    long number(String file) throws IOException {
        String found = read(file).strip();
        return found.isEmpty() || found.equals("max") ? 0 : Long.parseUnsignedLong(found);
    }

    /** What stands in a file, a name and a number on each line. */
    Map<String, Long> numbers(String file) throws IOException {
        Map<String, Long> numbers = new LinkedHashMap<>();
        String found = read(file);
        for (int start = 0; start < found.length(); ) {
            int end = found.indexOf('\n', start);
            end = end < 0 ? found.length() : end;
            int blank = found.indexOf(' ', start);
            if (blank > start && blank < end) {
                numbers.put(found.substring(start, blank), Long.parseUnsignedLong(found, blank + 1, end, 10));
            }
            start = end + 1;
        }
        return numbers;
    }

    @Override
    public void close() {
        open.values().forEach(file -> {
            if (file != null) {
                file.close();
            }
        });
        open.clear();
    }
}
