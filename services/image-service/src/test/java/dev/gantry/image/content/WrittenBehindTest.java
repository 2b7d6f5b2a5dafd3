package dev.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrittenBehindTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 256 * 1024, 256 * 1024 + 1, 35_000_000})
    void all_is_there_when_it_is_closed(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        Path file = directory.resolve("file");

        try (WrittenBehind out = new WrittenBehind(file)) {
            for (int at = 0; at < size; at += 100_000) {
                out.write(bytes, at, Math.min(100_000, size - at));
            }
        }

        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void closing_again_does_nothing() throws IOException {
        WrittenBehind out = new WrittenBehind(directory.resolve("file"));
        out.write(7);
        out.close();
        out.close();

        assertEquals(1, Files.size(directory.resolve("file")));
    }

    @Test
    void no_file_is_written_over() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThrows(FileAlreadyExistsException.class, () -> new WrittenBehind(file));
    }
}
