package dev.gantry.agent.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {
    @TempDir
    Path directory;

    @Test
    void what_is_written_now_is_not_written_before_now() throws IOException {
        for (int i = 0; i < 100; i++) {
            Instant before = Instant.now();
            Path file = Files.createFile(directory.resolve("file-" + i));

            assertFalse(Disk.writtenAt(file).isBefore(before));
        }
    }

    @Test
    void what_was_written_long_ago_is_a_tick_off_at_most() throws IOException {
        Instant stamp = Instant.parse("2026-01-02T03:04:05.678Z");
        Path file = Files.createFile(directory.resolve("file"));
        Files.setLastModifiedTime(file, FileTime.from(stamp));

        assertEquals(stamp.plusMillis(10), Disk.writtenAt(file));
    }
}
