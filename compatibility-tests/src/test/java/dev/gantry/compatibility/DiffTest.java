package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker diff}. In no order but that a directory comes before what is in it: dockerd has none. */
@EndpointTest
class DiffTest {
    private static List<String> changes(Docker docker, String name) {
        return docker.call("diff", name).lines().stream().sorted().toList();
    }

    private static String changed(Docker docker, String suffix, String script, String... options) {
        String name = docker.sleeping(suffix, options);
        docker.ok("exec", name, "sh", "-c", script);
        return name;
    }

    @Test
    void nothing(Docker docker, Engine engine) {
        String name = docker.name("nothing");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");

        assertEquals(
                "null",
                engine.get("/containers/" + name + "/changes").is(200).body().strip());
        assertEquals(List.of(), changes(docker, name));

        docker.ok("start", "-a", name);
        assertEquals(
                "null",
                engine.get("/containers/" + name + "/changes").is(200).body().strip());
    }

    @Test
    void kinds(Docker docker, Engine engine) {
        String name = changed(
                docker,
                "kinds",
                "mkdir -p /new/sub; echo a>/new/sub/file; ln -s / /new/link; mkfifo /new/fifo; mknod /new/null c 1 3;"
                        + " echo more>>/etc/passwd; rm /etc/group; chmod 700 /root; touch /bin; cat /etc/passwd >/dev/null");
        List<String> expected = List.of(
                "A /new",
                "A /new/fifo",
                "A /new/link",
                "A /new/null",
                "A /new/sub",
                "A /new/sub/file",
                "C /etc",
                "C /etc/passwd",
                "C /root",
                "D /etc/group");

        assertEquals(expected, changes(docker, name));
        docker.ok("stop", "-t", "1", name);
        assertEquals(expected, changes(docker, name));

        JsonNode changes =
                engine.get("/containers/" + name + "/changes").is(200).json();
        List<String> seen = new ArrayList<>();
        for (JsonNode change : changes) {
            assertEquals(2, change.size());
            String path = change.get("Path").asText();
            String parent = path.substring(0, path.lastIndexOf('/'));
            assertEquals(true, parent.isEmpty() || seen.contains(parent), path + " comes before its directory");
            seen.add(path);
        }
    }

    @Test
    void directories_that_are_replaced(Docker docker) {
        String name = changed(
                docker,
                "replaced",
                "cp /bin/busybox /bb; /bb rm -r /root; /bb mkdir /root; echo x >/root/x; mv /etc/passwd /tmp/passwd; echo f >/f;"
                        + " rm /f; mkdir /f");

        assertEquals(
                List.of("A /bb", "A /f", "A /root/x", "A /tmp/passwd", "C /etc", "C /root", "C /tmp", "D /etc/passwd"),
                changes(docker, name));
    }

    @Test
    void volumes_are_not_looked_into(Docker docker) {
        String name = changed(
                docker,
                "volumes",
                "echo a>/vol/a; echo b>/tm/b; echo c >/dev/shm/c",
                "-v",
                docker.name("v") + ":/vol",
                "--tmpfs",
                "/tm");

        assertEquals(List.of("A /tm", "A /vol"), changes(docker, name));
    }

    @Test
    void names_of_all_kinds(Docker docker) {
        String name = changed(docker, "names", "cd /; touch 'a b' 'q\"uote' 'back\\slash' 'ü' '<&>'");

        assertEquals(List.of("A /<&>", "A /a b", "A /back\\slash", "A /q\"uote", "A /ü"), changes(docker, name));
    }
}
