package dev.gantry.agent.snapshot;

import com.github.luben.zstd.Zstd;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.tar.testing.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/** Layers kept in memory, and images made of them. */
final class LayerFixture implements LayerBlobs {
    final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    final AtomicInteger fetched = new AtomicInteger();
    private final List<ContainerSpec.Layer> stack = new ArrayList<>();
    private LayerId top;

    LayerFixture add(TarArchive tar) {
        byte[] plain = tar.end();
        return add(plain, plain);
    }

    LayerFixture addGzip(TarArchive tar) {
        byte[] plain = tar.end();
        return add(plain, gzip(plain));
    }

    LayerFixture addZstd(TarArchive tar) {
        byte[] plain = tar.end();
        return add(plain, Zstd.compress(plain));
    }

    private LayerFixture add(byte[] tar, byte[] blob) {
        LayerId diffId = digest(tar);
        top = LayerId.chain(top, diffId);
        String digest = digest(blob).toString();
        blobs.put(digest, blob);
        stack.add(new ContainerSpec.Layer(
                diffId.toString(), top.toString(), digest, "application/octet-stream", blob.length, "memory"));
        return this;
    }

    /** Bottom first. */
    List<ContainerSpec.Layer> layers() {
        return List.copyOf(stack);
    }

    @Override
    public InputStream open(ContainerSpec.Layer layer) throws IOException {
        fetched.incrementAndGet();
        byte[] blob = blobs.get(layer.digest());
        if (blob == null) {
            throw new IOException("status 404");
        }
        return new ByteArrayInputStream(blob);
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static LayerId digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new LayerId(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
