package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker export}. */
@EndpointTest
class ExportTest {
    @TempDir
    Path directory;

    private static String described(TarArchiveEntry entry) {
        String link = entry.getLinkName().isEmpty() ? "" : " " + entry.getLinkName();
        String kind = entry.isDirectory()
                ? "d"
                : entry.isSymbolicLink() ? "s" : entry.isLink() ? "h" : entry.isFIFO() ? "p" : "";
        return kind + Integer.toOctalString(entry.getMode()) + " " + entry.getLongUserId() + ":"
                + entry.getLongGroupId() + " " + entry.getSize() + link;
    }

    private Map<String, String> exported(Docker docker, String name) throws IOException {
        Path file = directory.resolve("export.tar");
        docker.ok("export", "-o", file.toString(), name);
        Map<String, String> entries = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(file))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                assertFalse(entries.containsKey(entry.getName()), entry.getName());
                entries.put(entry.getName(), described(entry));
            }
        }
        return entries;
    }

    @Test
    void what_every_container_has(Docker docker) throws IOException {
        String name = docker.name("created");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");

        Map<String, String> entries = exported(docker, name);

        for (String directory : List.of("dev/", "dev/pts/", "dev/shm/", "proc/", "sys/", "etc/")) {
            assertEquals("d755 0:0 0", entries.get(directory), directory);
        }
        for (String file : List.of(".dockerenv", "dev/console", "etc/hosts", "etc/hostname", "etc/resolv.conf")) {
            assertEquals("755 0:0 0", entries.get(file), file);
        }
        assertEquals("s777 0:0 0 /proc/mounts", entries.get("etc/mtab"));
        assertFalse(entries.containsKey("/"));
        List<String> names = new ArrayList<>(entries.keySet());
        assertTrue(names.indexOf("bin/") < names.indexOf("dev/"), names.toString());
    }

    @Test
    void all_kinds_of_files(Docker docker) throws IOException {
        String name = docker.sleeping("kinds", "-v", docker.name("v") + ":/vol", "--tmpfs", "/tm");
        docker.ok(
                "exec",
                name,
                "sh",
                "-c",
                "mkdir /d; echo hi>/d/a; ln /d/a /d/b; ln -s a /d/l; mkfifo /d/p; chown 12:3000000 /d/a; chmod 4711 /d/a;"
                        + " echo v >/vol/v; echo t >/tm/t; mkdir /d/s; chmod 1777 /d/s; truncate -s 1000000 /d/sparse;"
                        + " touch -d '2001-02-03 04:05:06' /d/p; rm /etc/group");

        Map<String, String> running = exported(docker, name);

        assertEquals("d755 0:0 0", running.get("d/"));
        assertEquals("4711 12:3000000 3", running.get("d/a"));
        assertEquals("h4711 12:3000000 0 d/a", running.get("d/b"));
        assertEquals("s777 0:0 0 a", running.get("d/l"));
        assertEquals("p644 0:0 0", running.get("d/p"));
        assertEquals("d1777 0:0 0", running.get("d/s/"));
        assertEquals("644 0:0 1000000", running.get("d/sparse"));
        assertTrue(running.containsKey("vol/") && running.containsKey("tm/"));
        assertFalse(running.containsKey("vol/v") || running.containsKey("tm/t") || running.containsKey("etc/group"));
        assertFalse(running.containsKey("proc/self/"));

        docker.ok("stop", "-t", "1", name);
        assertEquals(running, exported(docker, name));
    }

    @Test
    void content(Docker docker) throws IOException {
        String name = docker.sleeping("content");
        docker.ok("exec", name, "sh", "-c", "dd if=/dev/urandom of=/large bs=100000 count=30 2>/dev/null");
        String sum = docker.ok("exec", name, "sha256sum", "/large").split(" ")[0];
        Path file = directory.resolve("export.tar");

        docker.ok("export", "-o", file.toString(), name);

        byte[] large = Images.untar(Files.readAllBytes(file)).get("large");
        assertEquals(sum, Images.sha256(large));
        assertArrayEquals(new byte[0], Images.untar(Files.readAllBytes(file)).get("etc/hosts"));
    }

    @Test
    void event(Docker docker) throws IOException {
        String name = docker.sleeping("event");
        String begin = Long.toString(Instant.now().getEpochSecond() - 1);

        exported(docker, name);
        docker.ok("diff", name);

        assertEquals(
                List.of("export"),
                docker
                        .call(
                                "events",
                                "--since",
                                begin,
                                "--until",
                                Long.toString(Instant.now().getEpochSecond() + 1),
                                "--filter",
                                "container=" + name,
                                "--format",
                                "{{.Action}}")
                        .lines()
                        .stream()
                        .filter(action -> !List.of("create", "start", "attach").contains(action))
                        .toList());
    }
}
