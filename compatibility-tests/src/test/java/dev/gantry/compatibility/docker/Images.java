package dev.gantry.compatibility.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images made here of the machine's static busybox, so that the tests need no network. */
public final class Images {
    /** A shell with all applets, users {@code app} (1000, also in group {@code extra}, 2000) and files to copy. */
    public static final String BUSYBOX = "gantry-compat/busybox:latest";

    /** The same with every setting of an image configuration that a container takes over. */
    public static final String CONFIGURED = "gantry-compat/configured:latest";

    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Images() {}

    /** An image as {@code docker load} takes it. */
    public record Built(byte[] layer, String config) {
        public String id() {
            return "sha256:" + sha256(config.getBytes(StandardCharsets.UTF_8));
        }

        public byte[] archive(String reference) {
            String layerName = sha256(layer) + "/layer.tar";
            String configName = id().substring("sha256:".length()) + ".json";
            String manifest = "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[\"%s\"]}]"
                    .formatted(configName, reference, layerName);
            return new Tar()
                    .file(configName, config.getBytes(StandardCharsets.UTF_8), 0644)
                    .file(layerName, layer, 0644)
                    .file("manifest.json", manifest.getBytes(StandardCharsets.UTF_8), 0644)
                    .bytes();
        }
    }

    public static Built busybox() {
        return built(busyboxLayer(), "{\"Cmd\":[\"sh\"],\"Env\":[\"%s\"]}".formatted(PATH), "amd64");
    }

    public static Built configured() {
        return built(
                busyboxLayer(),
                """
                {"Entrypoint":["/bin/echo","entry"],"Cmd":["default"],"Env":["%s","FROM_IMAGE=yes"],
                "WorkingDir":"/work/dir","User":"app","ExposedPorts":{"8080/tcp":{}},"Volumes":{"/data":{}},
                "Labels":{"origin":"image","kept":"yes"},"StopSignal":"SIGUSR1"}"""
                        .formatted(PATH)
                        .replace("\n", ""),
                "amd64");
    }

    /** @param config the {@code config} object of the image configuration */
    public static Built built(byte[] layer, String config, String architecture) {
        String document =
                """
                {"architecture":"%s","os":"linux","created":"2024-01-02T03:04:05Z","config":%s,\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]},\
                "history":[{"created":"2024-01-02T03:04:05Z","created_by":"COPY rootfs /","comment":"for tests"}]}"""
                        .formatted(architecture, config, sha256(layer));
        return new Built(layer, document);
    }

    /** Loads {@link #BUSYBOX} and {@link #CONFIGURED}. */
    public static void load(Docker docker) {
        docker.callWithInput(busybox().archive(BUSYBOX), "load").exits(0);
        docker.callWithInput(configured().archive(CONFIGURED), "load").exits(0);
    }

    public static byte[] busyboxLayer() {
        Tar tar = new Tar();
        for (String directory : List.of("bin", "etc", "data", "proc", "sys", "dev", "var", "root", "work")) {
            tar.directory(directory, 0755);
        }
        tar.directory("tmp", 01777);
        try {
            tar.file("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
            for (String applet : applets()) {
                tar.link("bin/" + applet, "busybox");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tar.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:App:/home/app:/bin/sh\n");
        tar.text("etc/group", "root:x:0:\napp:x:1000:\nextra:x:2000:app\n");
        tar.owner(1000, 1000).text("data/seed", "from the image\n");
        return tar.bytes();
    }

    private static List<String> applets() throws IOException {
        Process list = new ProcessBuilder("/bin/busybox", "--list").start();
        return new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(name -> !name.equals("busybox"))
                .toList();
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Files by name, for {@link Tar} readers in tests. */
    public static Map<String, byte[]> untar(byte[] archive) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (var in = new org.apache.commons.compress.archivers.tar.TarArchiveInputStream(
                new java.io.ByteArrayInputStream(archive))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.isFile()) {
                    files.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        return files;
    }

    /** A tar archive in memory, the same bytes every time. */
    public static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes);
        private int uid;
        private int gid;

        public Tar() {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        }

        /** Of the entries that follow. */
        public Tar owner(int user, int group) {
            uid = user;
            gid = group;
            return this;
        }

        public Tar text(String name, String content) {
            return file(name, content.getBytes(StandardCharsets.UTF_8), 0644);
        }

        public Tar file(String name, byte[] content, int mode) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(content.length);
            entry.setMode(0100000 | mode);
            return put(entry, content);
        }

        public Tar directory(String name, int mode) {
            TarArchiveEntry entry = new TarArchiveEntry(name + "/");
            entry.setMode(040000 | mode);
            return put(entry, new byte[0]);
        }

        public Tar link(String name, String target) {
            TarArchiveEntry entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
            entry.setLinkName(target);
            return put(entry, new byte[0]);
        }

        private Tar put(TarArchiveEntry entry, byte[] content) {
            entry.setIds(uid, gid);
            entry.setModTime(1_700_000_000_000L);
            try {
                out.putArchiveEntry(entry);
                out.write(content);
                out.closeArchiveEntry();
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public byte[] bytes() {
            try {
                out.close();
                return bytes.toByteArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
