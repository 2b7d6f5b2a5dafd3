package dev.gantry.compatibility;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Images.Tar;
import dev.gantry.compatibility.fixtures.RawRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker cp}, and the requests that it is made of. */
@EndpointTest
class CopyTest {
    private static final Pattern STAT = Pattern.compile("(?i)x-docker-container-path-stat: (\\S+)");
    private static final byte[] ONE_FILE = new Tar().text("file1", "one\n").bytes();

    @TempDir
    Path directory;

    private static RawRequest.Answer put(Docker docker, String container, String query, byte[] archive)
            throws IOException {
        return RawRequest.to(docker.endpoint()).send("PUT /containers/" + container + "/archive?" + query, "", archive);
    }

    private static RawRequest.Answer stat(Docker docker, String container, String path) throws IOException {
        return RawRequest.to(docker.endpoint())
                .send(
                        "HEAD /containers/" + container + "/archive?path=" + URLEncoder.encode(path, UTF_8),
                        "",
                        new byte[0]);
    }

    private static JsonNode statOf(RawRequest.Answer answer) {
        assertEquals(200, answer.status(), answer::head);
        Matcher stat = STAT.matcher(answer.head());
        assertTrue(stat.find(), answer.head());
        return Docker.json(new String(Base64.getDecoder().decode(stat.group(1)), UTF_8));
    }

    /** What the client unpacks nothing of. */
    private Path archiveOf(Docker docker, String container, String path) {
        Path file = directory.resolve("out.tar");
        docker.client(directory, Map.of(), "sh", "-c", "docker cp " + container + ":" + path + " - >" + file)
                .exits(0);
        return file;
    }

    private static void shell(Docker docker, String container, String script) {
        docker.ok("exec", container, "sh", "-c", script);
    }

    @Test
    void a_tree_goes_in_and_comes_out_as_it_was(Docker docker) throws IOException {
        Path tree = Files.createDirectories(directory.resolve("tree/sub/empty"));
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        Path file = Files.write(directory.resolve("tree/sub/file"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(directory.resolve("tree/link"), Path.of("sub/file"));
        String long_ = "n".repeat(200);
        Files.writeString(directory.resolve("tree/" + long_), "long");
        Files.writeString(directory.resolve("tree/Ümläut"), "utf");
        Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(Instant.ofEpochSecond(1_600_000_000)));
        String name = docker.sleeping("tree");

        docker.ok("cp", directory.resolve("tree").toString(), name + ":/tmp");
        assertEquals("sub/file", docker.ok("exec", name, "readlink", "/tmp/tree/link"));
        assertEquals("750 1600000000", docker.ok("exec", name, "stat", "-c", "%a %Y", "/tmp/tree/sub/file"));
        assertEquals("4", docker.ok("exec", name, "stat", "-c", "%s", "/tmp/tree/" + long_));

        docker.ok("cp", name + ":/tmp/tree", directory.resolve("back").toString());
        Path back = directory.resolve("back");
        assertArrayEquals(content, Files.readAllBytes(back.resolve("sub/file")));
        assertEquals(
                "rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(back.resolve("sub/file"))));
        assertEquals(
                1_600_000_000_000L,
                Files.getLastModifiedTime(back.resolve("sub/file")).toMillis());
        assertEquals(Path.of("sub/file"), Files.readSymbolicLink(back.resolve("link")));
        assertEquals("long", Files.readString(back.resolve(long_)));
        assertEquals("utf", Files.readString(back.resolve("Ümläut")));
        assertTrue(Files.isDirectory(back.resolve("sub/empty")));
        assertTrue(Files.isDirectory(tree));
    }

    @Test
    void files_of_a_container_that_does_not_run(Docker docker) throws IOException {
        String name = docker.name("stopped");
        String volume = docker.name("volume");
        docker.ok(
                "create",
                "--name",
                name,
                "-v",
                volume + ":/a/b/c",
                "-v",
                directory + ":/bound",
                Images.BUSYBOX,
                "true");
        Path file = Files.writeString(directory.resolve("in"), "content");

        docker.ok("cp", file.toString(), name + ":/a/b/c/in");
        docker.ok("cp", file.toString(), name + ":/bound/in2");
        docker.ok("cp", file.toString(), name + ":/etc/in3");

        assertEquals("content", Files.readString(directory.resolve("in2")));
        assertEquals("content", docker.ok("run", "--rm", "-v", volume + ":/v", Images.BUSYBOX, "cat", "/v/in"));
        for (String path : List.of("/a/b/c/in", "/bound/in", "/etc/in3")) {
            docker.ok("cp", name + ":" + path, directory.resolve("out").toString());
            assertEquals("content", Files.readString(directory.resolve("out")));
        }
    }

    @Test
    void volumes_and_binds_of_one_that_runs(Docker docker) throws IOException {
        String volume = docker.name("volume");
        String name = docker.sleeping("mounts", "-v", volume + ":/vol", "-v", directory + ":/bound");
        Path file = Files.writeString(directory.resolve("in"), "content");

        docker.ok("cp", file.toString(), name + ":/vol");
        docker.ok("cp", file.toString(), name + ":/bound/in2");

        assertEquals("content", docker.ok("exec", name, "cat", "/vol/in"));
        assertEquals("content", docker.ok("exec", name, "cat", "/bound/in2"));
        docker.ok("cp", name + ":/vol/in", directory.resolve("out").toString());
        assertEquals("content", Files.readString(directory.resolve("out")));
        assertFalse(
                docker.ok("cp", name + ":/etc/hosts", directory.resolve("hosts").toString())
                        .contains("rror"));
        assertTrue(Files.readString(directory.resolve("hosts")).contains("localhost"));
    }

    @ParameterizedTest
    @CsvSource({
        "/d/f, f, 3, 8389101, ''",
        "/d/l, l, 1, 134218239, /d/f",
        "/d/dang, dang, 8, 134218239, /nowhere",
        "/dl, dl, 2, 134218239, /d",
        "/dl/f, f, 3, 8389101, ''",
        "/d/ff, ff, 0, 33554852, ''",
        "/d/sticky, sticky, , 2148532735, ''",
        "/dl/, dl, , 2147484141, ''",
        "/d/up, up, 8, 134218239, /etc/passwd",
        "d/../d/., ., , 2147484141, ''",
        "../../d/f, f, 3, 8389101, ''",
        "/, /, , 2147484141, ''"
    })
    void kinds_of_files(String path, String base, Long size, long mode, String target, Docker docker)
            throws IOException {
        String name = docker.sleeping("kinds");
        shell(
                docker,
                name,
                "mkdir /d; echo hi>/d/f; chmod 4755 /d/f; ln -s f /d/l; ln -s /nowhere /d/dang; ln -s /d /dl; mkfifo /d/ff;"
                        + " mkdir /d/sticky; chmod 1777 /d/sticky; ln -s ../etc /d/e; ln -s e/passwd /d/up");

        JsonNode stat = statOf(stat(docker, name, path));

        assertEquals(base, stat.get("name").asText());
        assertEquals(mode, stat.get("mode").asLong());
        assertEquals(target, stat.get("linkTarget").asText());
        assertTrue(stat.get("mtime").asText().matches("20\\d\\d-.*Z|20\\d\\d-.*[+-]\\d\\d:\\d\\d"), stat.toString());
        if (size != null) {
            assertEquals(size, stat.get("size").asLong());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "GET  ~ path=/nosuch         ~ 404 ~ Could not find the file /nosuch in container %s",
                "GET  ~ path=/d/dang/x       ~ 404 ~ Could not find the file /d/dang/x in container %s",
                "GET  ~ path=/d/f/x          ~ 500 ~ lstat /d/f/x: not a directory",
                "GET  ~ path=/d/f/           ~ 500 ~ lstat /d/f/: not a directory",
                "GET  ~ path=/d/f/.          ~ 500 ~ lstat /d/f/.: not a directory",
                "GET  ~ path=                ~ 400 ~ bad parameter: pathcannot be empty",
                "HEAD ~ path=                ~ 400 ~ ''",
                "HEAD ~ path=/nosuch         ~ 404 ~ ''",
                "HEAD ~ path=/d/f/x          ~ 500 ~ ''",
                "PUT  ~ path=                ~ 400 ~ bad parameter: pathcannot be empty",
                "PUT  ~ path=/nosuch         ~ 404 ~ Could not find the file /nosuch in container %s",
                "PUT  ~ path=/d/f            ~ 500 ~ extraction point is not a directory",
                "PUT  ~ path=/d/f/x          ~ 500 ~ not a directory",
                "PUT  ~ path=/d/loop         ~ 500 ~ EvalSymlinks: too many links",
                "PUT  ~ path=/ro             ~ 500 ~ mounted volume is marked read-only"
            })
    void what_is_refused(String method, String query, int status, String said, Docker docker) throws IOException {
        String name = docker.sleeping("refused", "-v", directory + ":/ro:ro");
        shell(docker, name, "mkdir /d; echo hi>/d/f; ln -s /nowhere /d/dang; ln -s loop /d/loop");

        RawRequest.Answer answer = RawRequest.to(docker.endpoint())
                .send(method + " /containers/" + name + "/archive?" + query, "", ONE_FILE);

        assertEquals(status, answer.status(), answer::body);
        assertEquals(said.replace("%s", name), answer.said());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void archives_that_are_refused(Docker docker) throws IOException {
        String name = docker.sleeping("archives");
        shell(docker, name, "mkdir /d; echo hi>/d/f; mkdir /d/sub");
        String keep = "path=/d&noOverwriteDirNonDir=true";

        assertEquals(
                "cannot overwrite non-directory \"/d/f\" with directory \"/d\"",
                put(docker, name, keep, new Tar().directory("f", 0755).bytes()).said());
        assertEquals(
                "cannot overwrite directory \"/d/sub\" with non-directory \"/d\"",
                put(docker, name, keep, new Tar().text("sub", "x").bytes()).said());
        assertEquals(
                "\"../up\" is outside of \"/d\"",
                put(docker, name, "path=/d", new Tar().text("a/../../up", "x").bytes())
                        .said());
        assertEquals(
                "invalid symlink \"/d/a/l\" -> \"../../etc\"",
                put(docker, name, "path=/d", new Tar().link("a/l", "../../etc").bytes())
                        .said());
        assertEquals(
                "archive/tar: invalid tar header",
                put(docker, name, "path=/d", "x".repeat(1024).getBytes(UTF_8)).said());
        byte[] packed = gzip(ONE_FILE);
        assertEquals(
                "unexpected EOF",
                put(docker, name, "path=/d", java.util.Arrays.copyOf(packed, packed.length / 2))
                        .said());
        assertEquals(200, put(docker, name, "path=/d", new byte[0]).status());
        assertEquals("hi", docker.ok("exec", name, "cat", "/d/f"));
    }

    @Test
    void a_link_in_the_container_is_followed_in_the_container(Docker docker) throws IOException {
        String name = docker.sleeping("follow");
        shell(docker, name, "mkdir /d /e; ln -s /e /d/e; ln -s ../../../../../e /d/e2; ln -s /d /dl");

        assertEquals(
                200,
                put(
                                docker,
                                name,
                                "path=/dl",
                                new Tar().text("e/one", "1").text("e2/two", "2").bytes())
                        .status());

        assertEquals("12", docker.ok("exec", name, "cat", "/e/one", "/e/two"));
    }

    @Test
    void what_is_there_is_replaced(Docker docker) throws IOException {
        String name = docker.sleeping("replaced");
        shell(docker, name, "mkdir -p /d/sub/x; echo hi>/d/f; ln -s /etc/passwd /d/l; echo a>/d/sub/a");

        RawRequest.Answer answer = put(
                docker,
                name,
                "path=/d",
                new Tar()
                        .text("f", "new")
                        .text("l", "no link")
                        .directory("sub", 0700)
                        .text("sub/b", "b")
                        .bytes());

        assertEquals(200, answer.status(), answer::body);
        assertEquals(
                "new|no link|a|b|700",
                docker.ok(
                        "exec",
                        name,
                        "sh",
                        "-c",
                        "cd /d; echo \"$(cat f)|$(cat l)|$(cat sub/a)|$(cat sub/b)|$(stat -c %a sub)\""));
        assertTrue(docker.ok("exec", name, "cat", "/etc/passwd").contains("root"));
    }

    @Test
    void what_is_mounted_on_stays(Docker docker) throws IOException {
        String name = docker.sleeping("mounted", "-v", docker.name("volume") + ":/vol");

        RawRequest.Answer hosts =
                put(docker, name, "path=/etc", new Tar().text("hosts", "x").bytes());
        RawRequest.Answer volume =
                put(docker, name, "path=/", new Tar().text("vol", "x").bytes());

        assertEquals("unlinkat /etc/hosts: device or resource busy", hosts.said());
        assertEquals(500, volume.status(), volume::body);
        docker.ok(
                "exec", name, "sh", "-c", "grep -q localhost /etc/hosts; grep -q ' /vol ' /proc/mounts; test -d /vol");
        assertEquals("2", docker.ok("exec", name, "grep", "-c", "-e", " /etc/hosts ", "-e", " /vol ", "/proc/mounts"));
    }

    @Test
    void directories_are_nested_as_deep_as_paths_are_long(Docker docker) throws IOException {
        String name = docker.sleeping("deep");

        RawRequest.Answer answer = put(
                docker,
                name,
                "path=/tmp",
                new Tar().text("a/".repeat(1_900) + "f", "deep").bytes());

        assertEquals(200, answer.status(), answer::body);
        List<String> names = described(archiveOf(docker, name, "/tmp/a"));
        assertEquals(1_901, names.size());
        assertTrue(names.getLast().endsWith("/a/f 644"), names.getLast());
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        return packed(plain, GZIPOutputStream::new);
    }

    private interface Packing {
        OutputStream around(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] plain, Packing packing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packing.around(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd"})
    void packed_archives(String packing, Docker docker) throws IOException {
        String name = docker.sleeping("packed");
        byte[] archive =
                switch (packing) {
                    case "gzip" -> gzip(ONE_FILE);
                    case "bzip2" -> packed(ONE_FILE, BZip2CompressorOutputStream::new);
                    case "xz" -> packed(ONE_FILE, XZCompressorOutputStream::new);
                    default -> Zstd.compress(ONE_FILE);
                };

        assertEquals(200, put(docker, name, "path=/tmp", archive).status());

        assertEquals("one", docker.ok("exec", name, "cat", "/tmp/file1"));
    }

    @Test
    void owners_are_those_of_the_archive(Docker docker) throws IOException {
        String name = docker.sleeping("owners");

        put(
                docker,
                name,
                "path=/tmp",
                new Tar().owner(1234, 70_000).text("mine", "x").bytes());

        assertEquals("1234 70000", docker.ok("exec", name, "stat", "-c", "%u %g", "/tmp/mine"));
    }

    @Test
    void owners_are_the_users_on_demand(Docker docker) throws IOException {
        String name = docker.sleeping("user", "-u", "root");

        RawRequest.Answer answer = put(
                docker,
                name,
                "path=/tmp&copyUIDGID=true",
                new Tar().owner(1234, 1234).text("his", "x").bytes());

        assertEquals(200, answer.status(), answer::body);
        assertEquals("0 0", docker.ok("exec", name, "stat", "-c", "%u %g", "/tmp/his"));
    }

    @Test
    void a_root_that_is_read_only(Docker docker) throws IOException {
        String name = docker.sleeping("readonly", "--read-only", "-v", docker.name("volume") + ":/vol");

        RawRequest.Answer refused = put(docker, name, "path=/tmp", ONE_FILE);

        assertEquals(500, refused.status());
        assertEquals("container rootfs is marked read-only", refused.said());
        assertEquals(200, put(docker, name, "path=/vol", ONE_FILE).status());
        docker.ok("stop", "-t", "1", name);
        assertEquals(
                "container rootfs is marked read-only",
                put(docker, name, "path=/tmp", ONE_FILE).said());
        assertEquals(200, put(docker, name, "path=/vol", ONE_FILE).status());
    }

    @Test
    void names_in_archives(Docker docker) throws IOException {
        String name = docker.sleeping("names");
        shell(
                docker,
                name,
                "mkdir -p /d/s; echo hi>/d/a; ln /d/a /d/s/b; ln -s a /d/l; mkfifo /d/p; mknod /d/n c 1 3; chmod 2750 /d/s");

        assertEquals(
                List.of("d/ 755", "d/a 644", "d/l 777 a", "d/n 644 1,3", "d/p 644", "d/s/ 2750", "d/s/b 644 d/a"),
                described(archiveOf(docker, name, "/d")));
        assertEquals(
                List.of("./ 755", "./a 644", "./l 777 a", "./n 644 1,3", "./p 644", "./s/ 2750", "./s/b 644 ./a"),
                described(archiveOf(docker, name, "/d/.")));
        assertEquals(List.of("a 644"), described(archiveOf(docker, name, "/d/a")));
        assertEquals(List.of("l 777 a"), described(archiveOf(docker, name, "/d/l")));
    }

    private static List<String> described(Path archive) throws IOException {
        List<String> entries = new ArrayList<>();
        try (var in =
                new org.apache.commons.compress.archivers.tar.TarArchiveInputStream(Files.newInputStream(archive))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                String device = entry.getDevMajor() == 0 ? "" : " " + entry.getDevMajor() + "," + entry.getDevMinor();
                String link = entry.getLinkName().isEmpty() ? "" : " " + entry.getLinkName();
                entries.add(entry.getName() + " " + Integer.toOctalString(entry.getMode()) + device + link);
            }
        }
        return entries;
    }

    @Test
    void events(Docker docker) throws IOException {
        String name = docker.sleeping("events");
        String begin = Long.toString(Instant.now().getEpochSecond() - 1);

        docker.ok("cp", name + ":/etc/passwd", directory.resolve("passwd").toString());
        docker.ok("cp", directory.resolve("passwd").toString(), name + ":/tmp");
        put(docker, name, "path=/nosuch", ONE_FILE);

        assertEquals(
                List.of("archive-path", "extract-to-dir"),
                docker.call(
                                "events",
                                "--since",
                                begin,
                                "--until",
                                Long.toString(Instant.now().getEpochSecond() + 1),
                                "--filter",
                                "container=" + name,
                                "--filter",
                                "event=archive-path",
                                "--filter",
                                "event=extract-to-dir",
                                "--format",
                                "{{.Action}}")
                        .lines());
    }

    /** A program in the container makes a directory a link to the host's and back, as fast as it can. */
    @Test
    void a_container_that_swaps_links_never_reaches_the_host(Docker docker) throws IOException {
        Path host = Files.createDirectory(directory.resolve("host"));
        Files.writeString(host.resolve("file1"), "secret");
        Files.createDirectory(host.resolve("sub"));
        String name = docker.sleeping("swap");
        String target = "../../../../../../../../../../.." + host;
        shell(docker, name, "mkdir -p /w/real/sub; echo harmless >/w/real/file1; ln -s " + target + " /w/link");
        docker.ok(
                "exec", "-d", name, "sh", "-c", "cd /w; while :; do mv real d; mv d real; mv link d; mv d link; done");

        int inside = 0;
        for (int i = 0; i < 60; i++) {
            RawRequest.Answer in = put(
                    docker,
                    name,
                    "path=/w",
                    new Tar().text("d/sub/new" + i, "x").text("d/new" + i, "x").bytes());
            inside += in.status() == 200 ? 1 : 0;
            put(docker, name, "path=/w/d", new Tar().text("other" + i, "x").bytes());
            RawRequest.Answer out = RawRequest.to(docker.endpoint())
                    .send("GET /containers/" + name + "/archive?path=/w/d/", "", new byte[0]);
            assertFalse(out.body().contains("secret"), "the host's file came out");
        }

        assertTrue(inside > 0);
        try (Stream<Path> files = Files.walk(host)) {
            assertEquals(
                    List.of("", "file1", "sub"),
                    files.map(file -> host.relativize(file).toString()).sorted().toList());
        }
        assertEquals("secret", Files.readString(host.resolve("file1")));
        assertTrue(Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS));
    }
}
