package dev.gantry.image.content;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** How a stream is compressed, told by its first bytes as dockerd does, whatever its media type says. */
public enum Compression {
    NONE {
        @Override
        InputStream decoder(InputStream compressed) {
            return compressed;
        }
    },
    GZIP(0x1f, 0x8b, 0x08) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new GZIPInputStream(compressed, BUFFER);
        }
    },
    ZSTD(0x28, 0xb5, 0x2f, 0xfd) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new ZstdInputStream(compressed);
        }
    },
    BZIP2(0x42, 0x5a, 0x68) {
        @Override
        InputStream decoder(InputStream compressed) throws IOException {
            return new BZip2CompressorInputStream(compressed, true);
        }
    };

    private static final int BUFFER = 1 << 16;

    private final String magic;

    /** The first bytes, each as a character. */
    Compression(int... magic) {
        this.magic = new String(magic, 0, magic.length);
    }

    abstract InputStream decoder(InputStream compressed) throws IOException;

    /**
     * Tells the compression.
     *
     * @param start at least the first four bytes, when there are as many
     */
    public static Compression detect(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        for (Compression candidate : values()) {
            if (candidate != NONE && text.startsWith(candidate.magic)) {
                return candidate;
            }
        }
        return NONE;
    }

    /** The uncompressed content of a stream. */
    public static InputStream decompress(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER);
        buffered.mark(8);
        byte[] start = buffered.readNBytes(4);
        buffered.reset();
        return detect(start).decoder(buffered);
    }
}
