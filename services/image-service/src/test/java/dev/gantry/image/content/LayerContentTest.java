package dev.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import dev.gantry.agent.api.Digest;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerContentTest {
    private final byte[] tar = TestImage.tar(Map.of("a", new byte[700], "b", new byte[12], "c/", new byte[0]));

    @TempDir
    Path directory;

    @Test
    void every_compression_holds_the_same_layer() throws IOException {
        assertEquals(Compression.NONE, of(tar).compression());
        for (byte[] blob : new byte[][] {tar, TestRegistry.gzip(tar), Zstd.compress(tar)}) {
            LayerContent content = of(blob);
            assertEquals(Digest.of(tar), content.diffId());
            assertEquals(tar.length, content.tarSize());
            assertEquals(712, content.contentSize());
        }
    }

    @Test
    void a_cut_stream_is_an_error() {
        byte[] gzip = TestRegistry.gzip(tar);
        byte[] zstd = Zstd.compress(tar);

        assertThrows(IOException.class, () -> of(Arrays.copyOf(gzip, gzip.length / 2)));
        assertThrows(IOException.class, () -> of(Arrays.copyOf(zstd, zstd.length / 2)));
    }

    @Test
    void what_is_no_tar_has_a_digest_all_the_same() throws IOException {
        assertEquals(Digest.of(new byte[3]), of(new byte[3]).diffId());
    }

    private LayerContent of(byte[] blob) throws IOException {
        return LayerContent.of(Files.write(directory.resolve("blob"), blob), read -> {});
    }
}
