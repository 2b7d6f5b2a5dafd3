package dev.gantry.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Images made on this machine from Debian's static busybox, as archives for {@code docker load}. */
final class Images {
    static final String BUSYBOX = "gantry-bench/busybox:latest";
    static final String LARGE = "gantry-bench/large:latest";

    /** Bytes of the large image's file: half of it random, so that it compresses as real layers do. */
    static final int LARGE_BYTES = 64 << 20;

    private final Path directory;

    Images(Path directory) {
        this.directory = directory;
    }

    Path busybox() throws IOException, InterruptedException {
        return archive("busybox", BUSYBOX, root -> {});
    }

    Path large() throws IOException, InterruptedException {
        return archive("large", LARGE, root -> {
            byte[] block = new byte[1 << 20];
            Random random = new Random(1);
            Path file = root.resolve("data");
            Files.createFile(file);
            try (var out = Files.newOutputStream(file)) {
                for (int written = 0; written < LARGE_BYTES; written += block.length) {
                    byte[] half = new byte[block.length / 2];
                    random.nextBytes(half);
                    System.arraycopy(half, 0, block, 0, half.length);
                    out.write(block);
                }
            }
        });
    }

    @FunctionalInterface
    private interface Content {
        void addTo(Path root) throws IOException;
    }

    private Path archive(String name, String reference, Content content) throws IOException, InterruptedException {
        Path work = Files.createDirectories(directory.resolve(name));
        Path root = Files.createDirectories(work.resolve("root"));
        for (String folder : new String[] {"bin", "etc", "proc", "sys", "dev", "tmp"}) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        for (String applet : new String[] {"sh", "true", "cat", "echo", "sleep", "dd", "yes", "head", "seq", "wc"}) {
            Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
        content.addTo(root);
        Path layer = work.resolve("layer.tar");
        run("tar", "--owner=0", "--group=0", "--mtime=@0", "-C", root.toString(), "-cf", layer.toString(), ".");
        String diffId = sha256(layer);
        String config =
                """
                {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z",\
                "config":{"Env":["PATH=/bin"],"Cmd":["sh"]},\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"2026-01-01T00:00:00Z"}]}"""
                        .formatted(System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", diffId);
        Files.writeString(work.resolve("config.json"), config);
        Files.writeString(
                work.resolve("manifest.json"),
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"" + reference + "\"],\"Layers\":[\"layer.tar\"]}]");
        Path archive = directory.resolve(name + ".tar");
        run("tar", "-C", work.toString(), "-cf", archive.toString(), "manifest.json", "config.json", "layer.tar");
        return archive;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " exited " + status);
        }
    }

    private static String sha256(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lines of a log or an output, to time how fast they travel. */
    static byte[] lines(int bytes) {
        byte[] line = "the quick brown fox jumps over the lazy dog and then does it all again\n"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[bytes];
        for (int at = 0; at < bytes; at++) {
            all[at] = line[at % line.length];
        }
        return all;
    }
}
