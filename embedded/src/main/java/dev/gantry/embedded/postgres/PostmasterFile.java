package dev.gantry.embedded.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The file {@code postmaster.pid}: first line the pid, eighth line how far the start has come. */
record PostmasterFile(Path data) {
    private static final int STATUS_LINE = 7;

    private Path file() {
        return data.resolve("postmaster.pid");
    }

    /** Whether the process with that pid accepts connections. */
    boolean isReady(long pid) {
        List<String> lines = lines();
        return lines.size() > STATUS_LINE
                && lines.getFirst().equals(Long.toString(pid))
                && lines.get(STATUS_LINE).strip().equals("ready");
    }

    /**
     * The process that works on this cluster now, started by us or by one who is gone. When the first one of a server
     * was killed, others of it may be at work for a while yet, and with their shared memory no server starts.
     */
    OptionalLong holder() {
        List<String> lines = lines();
        if (lines.isEmpty() || !lines.getFirst().chars().allMatch(Character::isDigit)) {
            return OptionalLong.empty();
        }
        long pid = Long.parseLong(lines.getFirst());
        return isPostgresHere(pid) ? OptionalLong.of(pid) : orphan();
    }

    /** All processes of a server have its data as their working directory. */
    private OptionalLong orphan() {
        return ProcessHandle.allProcesses()
                .mapToLong(ProcessHandle::pid)
                .filter(this::worksHere)
                .findFirst();
    }

    private boolean worksHere(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")).equals(data);
        } catch (IOException _) {
            return false;
        }
    }

    /** Deletes the file when its process is gone: PostgreSQL itself would be misled by a pid used again. */
    void deleteIfStale() throws IOException {
        if (holder().isEmpty()) {
            Files.deleteIfExists(file());
        }
    }

    private boolean isPostgresHere(long pid) {
        try {
            String command = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(command.split("\0")).contains(data.toString());
        } catch (IOException _) {
            return false;
        }
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(file());
        } catch (IOException _) {
            return List.of();
        }
    }
}
