package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What another user of the machine gets at: the Docker API's socket when in its group, and nothing else. */
interface OtherUsers {
    /** What an instance needs to be told for this: a group that every distribution has. */
    Map<String, String> SETTINGS = Map.of("gantry.docker.group", "daemon");

    String GROUP_ID = "1";
    Pattern LISTENING = Pattern.compile("(127\\.0\\.0\\.1|\\[::1]|0\\.0\\.0\\.0|\\*|\\[::]):(\\d+)");

    /** Started with {@link #SETTINGS}, under an unusual umask. */
    Instance instance();

    @Test
    default void other_users_reach_the_docker_socket_by_its_group_and_nothing_else() {
        Instance instance = instance();
        try (Docker docker = instance.docker()) {
            String planted = plant(docker);

            List<String> everything = everything(instance);
            assertTrue(everything.contains(planted), "the set-user-id file is there");
            assertEquals(List.of(), Stranger.alone().reached(everything));
            assertEquals(Set.of("600"), modesOfInternalSockets(instance));
            assertFalse(
                    Stranger.alone().output("", planted, "id", "-u").contains("0"),
                    "a set-user-id file in a volume was run by another user");
            assertEquals(List.of(), Stranger.alone().reached(secretsOfProcesses(instance)));

            // The directory in which the socket is can be passed, not read.
            assertEquals(
                    Set.of(
                            instance.run().toString(),
                            instance.run().resolve("docker.sock").toString()),
                    Set.copyOf(new Stranger(GROUP_ID).reached(everything)));
            assertEquals(List.of("OK"), ping(instance, new Stranger(GROUP_ID)));
            assertFalse(ping(instance, Stranger.alone()).contains("OK"));

            assertNoPortServesTheApi(instance);
            assertContainersAreAsUsual(docker);
        }
    }

    /** A container that runs, with a program in a volume that makes its caller root. */
    private static String plant(Docker docker) {
        String volume = docker.name("volume");
        docker.ok(
                "run",
                "-d",
                "--name",
                docker.name("planter"),
                "-e",
                "PASSWORD=secret",
                "-v",
                volume + ":/v",
                Images.BUSYBOX,
                "sh",
                "-c",
                "cp /bin/busybox /v/busybox; chmod 4755 /v/busybox; echo secret; touch /v/ready; sleep 1000");
        Docker.await(
                "it is planted",
                () -> docker.call("exec", docker.name("planter"), "test", "-e", "/v/ready")
                                .exitCode()
                        == 0);
        docker.ok("exec", "-d", docker.name("planter"), "sleep", "1000");
        return docker.ok("volume", "inspect", "-f", "{{.Mountpoint}}", volume) + "/busybox";
    }

    /** Every directory, file, socket and pipe that the instance has. */
    private static List<String> everything(Instance instance) {
        return Commands.lines(
                "sh",
                "-c",
                "find \"$@\" ! -type l 2>/dev/null || true",
                "find",
                instance.data().toString(),
                instance.run().toString(),
                instance.log().toString());
    }

    private static Set<String> modesOfInternalSockets(Instance instance) {
        return Set.copyOf(Commands.lines(
                "find",
                instance.run().toString(),
                "-maxdepth",
                "1",
                "-type",
                "s",
                "!",
                "-name",
                "docker.sock",
                "-printf",
                "%m\\n"));
    }

    private static List<String> secretsOfProcesses(Instance instance) {
        List<String> files = new ArrayList<>();
        for (String part : instance.parts()) {
            String process = "/proc/" + instance.pid(part);
            files.addAll(List.of(process + "/environ", process + "/mem", process + "/root", process + "/fd/0"));
            // Where the virtual machine would listen for debuggers, and where libraries leave what they unpack.
            files.add("/tmp/.java_pid" + instance.pid(part));
        }
        return files;
    }

    private static List<String> ping(Instance instance, Stranger who) {
        return who.output(
                "",
                "curl",
                "-s",
                "--max-time",
                "20",
                "--unix-socket",
                instance.run().resolve("docker.sock").toString(),
                "http://docker/_ping");
    }

    /** Ports on the loopback address are open to everyone: none may know the API's paths, or those between services. */
    private static void assertNoPortServesTheApi(Instance instance) {
        for (String port : ports(instance)) {
            for (String path : List.of("containers/json", "info", "v1/host", "internal/container-service/hosts")) {
                String status = String.join(
                        "",
                        Stranger.alone()
                                .output(
                                        "",
                                        "curl",
                                        "-s",
                                        "--max-time",
                                        "5",
                                        "-o",
                                        "/dev/null",
                                        "-w",
                                        "%{http_code}",
                                        "http://127.0.0.1:" + port + "/" + path));
                assertTrue(Set.of("000", "404").contains(status), port + " answers " + status + " to /" + path);
            }
        }
    }

    private static Set<String> ports(Instance instance) {
        Set<String> ports = new TreeSet<>();
        for (String line : Commands.lines("ss", "-Hltnp")) {
            boolean ours = instance.parts().stream().anyMatch(part -> line.contains("pid=" + instance.pid(part) + ","));
            Matcher address = LISTENING.matcher(line);
            if (ours && address.find()) {
                ports.add(address.group(2));
            }
        }
        return ports;
    }

    /** None of this is felt inside. */
    private static void assertContainersAreAsUsual(Docker docker) {
        String seen = docker.ok(
                "run",
                "--rm",
                "-u",
                "1000:1000",
                "-v",
                docker.name("inside") + ":/made/for/it",
                "--tmpfs",
                "/scratch",
                Images.BUSYBOX,
                "sh",
                "-c",
                "umask; for f in / /etc/hosts /etc/hostname /etc/resolv.conf /.dockerenv /made /made/for/it /dev/null;"
                        + " do ls -ld $f | cut -c1-9; done; cat /etc/hosts /etc/resolv.conf >/dev/null && echo read;"
                        + " touch /scratch/x /dev/shm/y && echo written; echo z >/dev/null && echo thrown");
        assertEquals(
                """
                0022
                drwxr-xr-
                -rw-r--r-
                -rw-r--r-
                -rw-r--r-
                -rwxr-xr-
                drwxr-xr-
                drwxr-xr-
                crw-rw-rw
                read
                written
                thrown""",
                seen);
        assertEquals("0022", docker.ok("exec", docker.name("planter"), "sh", "-c", "umask"));
    }
}
