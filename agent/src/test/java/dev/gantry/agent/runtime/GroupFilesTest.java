package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupFilesTest {
    private static Path file(Path root, String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return file;
    }

    @Test
    void what_a_failed_change_has_written_is_taken_back(@TempDir Path root) throws IOException {
        Path shares = file(root, "cpu/g/c/cpu.shares", "1024\n");
        Path memory = file(root, "memory/g/c/memory.limit_in_bytes", "5000\n");
        GroupFiles before = new GroupFiles(new Cgroups(root), "/g/c");
        Files.writeString(shares, "2\n");
        Files.writeString(memory, "7000\n");

        before.restore();

        assertEquals("1024", Files.readString(shares).strip());
        assertEquals("5000", Files.readString(memory).strip());
    }

    @Test
    void limits_end_in_either_version(@TempDir Path root) throws IOException {
        LimitChange change = new LimitChange(null, true, true);
        Path pids = file(root, "pids/g/c/pids.max", "5\n");
        Path quota = file(root, "cpu/g/c/cpu.cfs_quota_us", "5000\n");
        new GroupFiles(new Cgroups(root), "/g/c").lift(change);
        assertEquals("max", Files.readString(pids));
        assertEquals("-1", Files.readString(quota));

        file(root, "cgroup.controllers", "");
        pids = file(root, "g/c/pids.max", "5\n");
        quota = file(root, "g/c/cpu.max", "5000 100000\n");
        new GroupFiles(new Cgroups(root), "/g/c").lift(change);
        assertEquals("max", Files.readString(pids));
        assertEquals("max", Files.readString(quota));
    }
}
