package dev.gantry.agent.testing;

import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.api.ContainerSpec.Layer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Assumptions;

/** An image of one layer, made of the host's static busybox and served on loopback. */
public final class BusyboxLayer implements AutoCloseable {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> APPLETS =
            List.of("sh", "true", "false", "echo", "sleep", "cat", "id", "ls", "touch", "head", "dd", "ps", "hostname");

    private final HttpServer server;
    private final Layer layer;
    private final byte[] content;

    public BusyboxLayer() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(BUSYBOX), "busybox-static is not installed");
        byte[] tar = tar();
        content = tar;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/layer.tar", exchange -> {
            exchange.sendResponseHeaders(200, tar.length);
            exchange.getResponseBody().write(tar);
            exchange.close();
        });
        server.start();
        String digest = "sha256:" + sha256(tar);
        String source = "http://127.0.0.1:" + server.getAddress().getPort() + "/layer.tar";
        layer = new Layer(digest, digest, digest, "application/vnd.oci.image.layer.v1.tar", tar.length, source);
    }

    public Layer layer() {
        return layer;
    }

    /** The same layer where another server has its {@link #content}. */
    public Layer servedAt(String source) {
        return new Layer(layer.diffId(), layer.chainId(), layer.digest(), layer.mediaType(), content.length, source);
    }

    public byte[] content() {
        return content;
    }

    private static byte[] tar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String directory : List.of("bin/", "etc/", "proc/", "dev/", "sys/", "tmp/", "root/")) {
                tar.putArchiveEntry(new TarArchiveEntry(directory));
                tar.closeArchiveEntry();
            }
            file(tar, "bin/busybox", Files.readAllBytes(BUSYBOX), 0755);
            file(
                    tar,
                    "etc/passwd",
                    "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n".getBytes(StandardCharsets.US_ASCII),
                    0644);
            file(tar, "etc/group", "root:x:0:\naudio:x:29:user\n".getBytes(StandardCharsets.US_ASCII), 0644);
            for (String applet : APPLETS) {
                TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
                link.setLinkName("busybox");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static void file(TarArchiveOutputStream tar, String name, byte[] content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(0100000 | mode);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
