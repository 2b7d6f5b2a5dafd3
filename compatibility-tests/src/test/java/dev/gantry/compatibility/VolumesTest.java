package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker volume}, and the mounts of {@code docker run}. */
@EndpointTest
class VolumesTest {
    @Test
    void create_list_inspect_remove(Docker docker) {
        String name = docker.name("v");

        assertEquals(name, docker.ok("volume", "create", "--label", "k=v", name));
        assertEquals(name, docker.ok("volume", "ls", "-q", "--filter", "name=" + name));
        JsonNode it = docker.inspect(name);
        assertEquals(name, it.get("Name").asText());
        assertEquals("local", it.get("Driver").asText());
        assertEquals("local", it.get("Scope").asText());
        assertEquals("v", it.at("/Labels/k").asText());
        assertTrue(it.get("Mountpoint").asText().startsWith("/"));
        assertEquals(name, docker.ok("volume", "create", name), "creating it again finds it");
        assertEquals(name, docker.ok("volume", "rm", name));
        docker.call("volume", "inspect", name).exits(1).saysError("no such volume");
    }

    @Test
    void without_a_name_one_is_made(Docker docker) {
        String name = docker.ok("volume", "create");

        assertTrue(name.matches("[0-9a-f]{64}"), name);
        docker.ok("volume", "rm", name);
    }

    @Test
    void filters_select(Docker docker) {
        String one = docker.name("one");
        String two = docker.name("two");
        docker.ok("volume", "create", "--label", "color=red", one);
        docker.ok("volume", "create", two);
        docker.ok("create", "--name", docker.name("c"), "-v", one + ":/x", Images.BUSYBOX);

        assertEquals(List.of(two), list(docker, "dangling=true"));
        assertEquals(List.of(one), list(docker, "dangling=false"));
        assertEquals(List.of(one), list(docker, "label=color=red"));
        assertEquals(List.of(one, two), list(docker, "driver=local"));
        docker.call("volume", "ls", "--filter", "nosuch=x").exits(1).saysError("invalid filter '?nosuch");
    }

    @Test
    void a_name_is_filtered_by_an_expression(Docker docker) {
        String one = docker.name("one");
        docker.ok("volume", "create", one);
        docker.ok("volume", "create", docker.name("onemore"));

        for (String filter : List.of("^" + one + "$", one.replace('o', '.') + "$", ".*-one$")) {
            assertTrue(
                    docker.call("volume", "ls", "-q", "--filter", "name=" + filter)
                            .lines()
                            .contains(one),
                    filter);
        }
        assertEquals(
                List.of(one),
                docker.call("volume", "ls", "-q", "--filter", "name=^" + one + "$")
                        .lines());
        assertEquals(
                List.of(),
                docker.call("volume", "ls", "-q", "--filter", "name=[" + one).lines());
    }

    private static List<String> list(Docker docker, String filter) {
        return docker
                .call("volume", "ls", "-q", "--filter", "name=" + docker.name(""), "--filter", filter)
                .lines()
                .stream()
                .sorted()
                .toList();
    }

    @Test
    void a_volume_in_use_stays(Docker docker) {
        String name = docker.name("used");
        String container = docker.name("c");
        docker.ok("create", "--name", container, "-v", name + ":/x", Images.BUSYBOX);

        docker.call("volume", "rm", name).exits(1).saysError("volume is in use - \\[[0-9a-f]{64}\\]");
        docker.ok("rm", container);
        docker.ok("volume", "rm", name);
        docker.call("volume", "rm", name).exits(1).saysError("no such volume");
        docker.call("volume", "rm", "-f", name).exits(0);
    }

    @Test
    void bad_names_are_refused(Docker docker) {
        docker.call("volume", "create", "-bad").exits(125);
        docker.call("volume", "create", "sla/sh")
                .exits(1)
                .saysError("includes invalid characters for a local volume name|only .* are allowed");
        docker.call("run", "--rm", "-v", "rel/ative:/x", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("includes invalid characters for a local volume name");
    }

    @Test
    void what_one_container_writes_the_next_reads(Docker docker) {
        String name = docker.name("shared");

        docker.ok("run", "--rm", "-v", name + ":/x", Images.BUSYBOX, "sh", "-c", "echo kept > /x/file");

        assertEquals("kept", docker.ok("run", "--rm", "-v", name + ":/y", Images.BUSYBOX, "cat", "/y/file"));
    }

    @Test
    void a_fresh_volume_gets_the_images_content_with_its_owner(Docker docker) {
        String name = docker.name("seeded");

        assertEquals(
                "from the image 1000:1000",
                docker.ok(
                        "run",
                        "--rm",
                        "-v",
                        name + ":/data",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "echo $(cat /data/seed) $(stat -c %u:%g /data/seed)"));
        docker.ok("run", "--rm", "-v", name + ":/data", Images.BUSYBOX, "sh", "-c", "echo changed > /data/seed");
        assertEquals("changed", docker.ok("run", "--rm", "-v", name + ":/data", Images.BUSYBOX, "cat", "/data/seed"));
    }

    @Test
    void a_volume_over_etc_has_the_images_files_and_the_containers(Docker docker) {
        String volume = docker.name("etc");
        String script =
                "ls /etc | tr '\\n' ' '; grep -c localhost /etc/hosts; hostname | cmp - /etc/hostname && echo same";

        String[] lines = docker.ok("run", "--rm", "-v", volume + ":/etc", Images.BUSYBOX, "sh", "-c", script)
                .split("\n");

        for (String file : List.of("group", "hostname", "hosts", "mtab", "passwd", "resolv.conf")) {
            assertTrue((" " + lines[0]).contains(" " + file + " "), lines[0]);
        }
        assertEquals("same", lines[lines.length - 1]);
    }

    @Test
    void nocopy_leaves_it_empty(Docker docker) {
        assertEquals(
                "", docker.ok("run", "--rm", "-v", docker.name("n") + ":/data:nocopy", Images.BUSYBOX, "ls", "/data"));
    }

    @Test
    void binds_are_read_and_written_through(Docker docker, @TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("in"), "from the host\n");

        docker.ok("run", "--rm", "-v", directory + ":/x", Images.BUSYBOX, "sh", "-c", "cp /x/in /x/out");

        assertEquals("from the host\n", Files.readString(directory.resolve("out")));
    }

    @Test
    void ro_forbids_writing(Docker docker, @TempDir Path directory) {
        var result = docker.call("run", "--rm", "-v", directory + ":/x:ro", Images.BUSYBOX, "touch", "/x/file");

        result.exits(1).saysError("read-only file system");
    }

    @Test
    void a_missing_source_is_made_for_v_and_refused_for_mount(Docker docker, @TempDir Path directory) {
        docker.ok("run", "--rm", "-v", directory + "/made/here:/x", Images.BUSYBOX, "touch", "/x/file");
        assertTrue(Files.exists(directory.resolve("made/here/file")));

        docker.call(
                        "run",
                        "--rm",
                        "--mount",
                        "type=bind,src=" + directory + "/not/there,dst=/x",
                        Images.BUSYBOX,
                        "true")
                .exits(125)
                .saysError("bind source path does not exist");
    }

    @Test
    void a_file_can_be_bound(Docker docker, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "content\n");

        assertEquals(
                "content", docker.ok("run", "--rm", "-v", file + ":/etc/bound", Images.BUSYBOX, "cat", "/etc/bound"));
    }

    @Test
    void mount_takes_all_kinds(Docker docker, @TempDir Path directory) {
        assertEquals(
                "ok",
                docker.ok(
                        "run",
                        "--rm",
                        "--mount",
                        "type=volume,src=" + docker.name("m") + ",dst=/v",
                        "--mount",
                        "type=bind,src=" + directory + ",dst=/b,readonly",
                        "--mount",
                        "type=tmpfs,dst=/t,tmpfs-size=1048576",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "touch /v/x /t/x && ! touch /b/x 2>/dev/null && grep -q ' /t tmpfs' /proc/mounts && echo ok"));
    }

    @Test
    void tmpfs_is_empty_bounded_and_gone_afterwards(Docker docker) {
        String name = docker.name("tmpfs");
        String mounts = docker.ok(
                "run",
                "--name",
                name,
                "--tmpfs",
                "/t:size=1m,mode=1770",
                Images.BUSYBOX,
                "sh",
                "-c",
                "touch /t/x; grep ' /t ' /proc/mounts; stat -c %a /t");

        assertTrue(mounts.contains("size=1024k"), mounts);
        assertTrue(mounts.contains("nosuid") && mounts.contains("nodev") && mounts.contains("noexec"), mounts);
        assertTrue(mounts.endsWith("1770"), mounts);
    }

    @Test
    void read_only_protects_the_root_but_not_its_mounts(Docker docker) {
        docker.call("run", "--rm", "--read-only", Images.BUSYBOX, "touch", "/file")
                .exits(1)
                .saysError("read-only file system");
        assertEquals(
                "ok",
                docker.ok(
                        "run",
                        "--rm",
                        "--read-only",
                        "--tmpfs",
                        "/t",
                        "-v",
                        docker.name("v") + ":/v",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "touch /t/x /v/x /dev/shm/x && echo ok"));
    }

    @Test
    void the_same_target_twice_is_refused(Docker docker) {
        docker.call(
                        "run",
                        "--rm",
                        "-v",
                        docker.name("a") + ":/x",
                        "-v",
                        docker.name("b") + ":/x",
                        Images.BUSYBOX,
                        "true")
                .exits(125)
                .saysError("duplicate mount point: /x");
    }

    @Test
    void mounts_are_shown(Docker docker, @TempDir Path directory) {
        String name = docker.name("shown");
        docker.ok("create", "--name", name, "-v", directory + ":/b:ro", "-v", docker.name("v") + ":/v", Images.BUSYBOX);

        JsonNode mounts = docker.inspect(name).get("Mounts");

        assertEquals(2, mounts.size());
        for (JsonNode mount : mounts) {
            if (mount.get("Type").asText().equals("bind")) {
                assertEquals(directory.toString(), mount.get("Source").asText());
                assertEquals("/b", mount.get("Destination").asText());
                assertEquals("false", mount.get("RW").asText());
                assertEquals("rprivate", mount.get("Propagation").asText());
            } else {
                assertEquals(docker.name("v"), mount.get("Name").asText());
                assertEquals("local", mount.get("Driver").asText());
                assertEquals(
                        docker.ok("volume", "inspect", "-f", "{{.Mountpoint}}", docker.name("v")),
                        mount.get("Source").asText());
            }
        }
    }
}
