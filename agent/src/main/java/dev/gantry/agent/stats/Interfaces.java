package dev.gantry.agent.stats;

import dev.gantry.agent.api.ContainerStats.Interface;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The interfaces of a process' network namespace. The file is opened for each reading: an open one keeps the namespace, and
 * what is in it, from going.
 */
final class Interfaces implements AutoCloseable {
    private static final int COLUMNS = 16;

    private final Fd directory;
    private final KernelText text;

    Interfaces(int pid, KernelText text) throws IOException {
        this.directory = OpenFiles.open("/proc/" + pid + "/net", OpenFiles.PATH | OpenFiles.DIRECTORY);
        this.text = text;
    }

    Map<String, Interface> read(Set<String> names) throws IOException {
        if (names.isEmpty()) {
            return Map.of();
        }
        try (Fd file = OpenFiles.openAt(directory, "dev", OpenFiles.READ, 0)) {
            return parse(text.readList(file), names);
        }
    }

    /** @param dev as in proc(5), {@code /proc/[pid]/net/dev} */
    static Map<String, Interface> parse(String dev, Set<String> names) {
        Map<String, Interface> found = new TreeMap<>();
        for (String line : dev.split("\n")) {
            // A name has no colon, as the kernel allows none.
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (names.contains(name)) {
                String[] columns = line.substring(colon + 1).strip().split(" +");
                if (columns.length >= COLUMNS) {
                    found.put(name, of(columns));
                }
            }
        }
        return found;
    }

    private static Interface of(String[] columns) {
        return new Interface(
                Long.parseUnsignedLong(columns[0]),
                Long.parseUnsignedLong(columns[1]),
                Long.parseUnsignedLong(columns[2]),
                Long.parseUnsignedLong(columns[3]),
                Long.parseUnsignedLong(columns[8]),
                Long.parseUnsignedLong(columns[9]),
                Long.parseUnsignedLong(columns[10]),
                Long.parseUnsignedLong(columns[11]));
    }

    @Override
    public void close() {
        directory.close();
    }
}
