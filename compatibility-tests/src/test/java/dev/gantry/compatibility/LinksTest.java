package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docker run --link} on the default network. */
@EndpointTest
class LinksTest {
    @Test
    void linked_container_is_known_by_files_and_variables(Docker docker) {
        docker.sleeping(
                "db",
                "-e",
                "FOO=bar",
                "-e",
                "PATH=/bin",
                "--expose",
                "80",
                "--expose",
                "81",
                "--expose",
                "82",
                "--expose",
                "53/udp",
                "--hostname",
                "dbhost");
        String address = address(docker, "db");

        docker.sleeping("web", "--link", docker.name("db") + ":my-db", "-e", "MY_DB_ENV_FOO=own");

        String name = "/" + docker.name("web") + "/my-db";
        Set<String> expected = new TreeSet<>(List.of(
                "MY_DB_PORT=udp://" + address + ":53",
                "MY_DB_PORT_53_UDP=udp://" + address + ":53",
                "MY_DB_PORT_53_UDP_ADDR=" + address,
                "MY_DB_PORT_53_UDP_PORT=53",
                "MY_DB_PORT_53_UDP_PROTO=udp",
                "MY_DB_PORT_80_TCP_START=tcp://" + address + ":80",
                "MY_DB_PORT_80_TCP_PORT_START=80",
                "MY_DB_PORT_80_TCP_END=tcp://" + address + ":82",
                "MY_DB_PORT_80_TCP_PORT_END=82",
                "MY_DB_NAME=" + name,
                "MY_DB_ENV_FOO=own"));
        for (int port : List.of(80, 81, 82)) {
            expected.add("MY_DB_PORT_%d_TCP=tcp://%s:%d".formatted(port, address, port));
            expected.add("MY_DB_PORT_%d_TCP_ADDR=%s".formatted(port, address));
            expected.add("MY_DB_PORT_%d_TCP_PORT=%d".formatted(port, port));
            expected.add("MY_DB_PORT_%d_TCP_PROTO=tcp".formatted(port));
        }
        assertEquals(expected, variables(docker, "web"));
        assertTrue(hosts(docker, "web").contains(address + "\tmy-db dbhost " + docker.name("db") + "\n"));
        assertEquals(
                "[/" + docker.name("db") + ":" + name + "]",
                docker.ok("inspect", "-f", "{{.HostConfig.Links}}", docker.name("web")));
        assertEquals(
                docker.name("db") + "," + docker.name("web") + "/my-db",
                docker.ok("ps", "--no-trunc", "--filter", "name=" + docker.name("db"), "--format", "{{.Names}}"));
    }

    @Test
    void link_lasts_through_renames(Docker docker) {
        docker.sleeping("db");
        docker.sleeping("web", "--link", docker.name("db"));
        docker.ok("rename", docker.name("db"), docker.name("store"));
        docker.ok("rename", docker.name("web"), docker.name("site"));

        assertEquals(
                "[/%s:/%s/%s]".formatted(docker.name("store"), docker.name("site"), docker.name("db")),
                docker.ok("inspect", "-f", "{{.HostConfig.Links}}", docker.name("site")));
    }

    @Test
    void running_container_learns_of_another_address(Docker docker) {
        assumeTrue(
                System.getProperty(Endpoint.AGAINST_PROPERTY) == null,
                "dockerd leaves the old address in /etc/hosts until the next start");
        docker.sleeping("db");
        docker.sleeping("web", "--link", docker.name("db"));
        String before = address(docker, "db");
        docker.ok("stop", "-t", "0", docker.name("db"));
        docker.sleeping("thief");
        assertEquals(before, address(docker, "thief"));

        docker.ok("start", docker.name("db"));

        String now = address(docker, "db");
        assertFalse(now.equals(before));
        Docker.await("the new address", () -> hosts(docker, "web").contains(now + "\t" + docker.name("db")));
        assertFalse(hosts(docker, "web").contains(before + "\t"), hosts(docker, "web"));
    }

    @Test
    void link_is_removed_alone(Docker docker) {
        docker.sleeping("db");
        docker.sleeping("web", "--link", docker.name("db") + ":db", "--link", docker.name("db") + ":again");
        docker.call("rm", "--link", docker.name("web"))
                .exits(1)
                .saysError("Conflict, cannot remove the default link name of the container");
        docker.call("rm", "--link", docker.name("web") + "/nosuch").exits(1).saysError("No such container: ");

        docker.ok("rm", "--link", docker.name("web") + "/db");

        assertEquals(
                "[/%s:/%s/again]".formatted(docker.name("db"), docker.name("web")),
                docker.ok("inspect", "-f", "{{.HostConfig.Links}}", docker.name("web")));
        assertTrue(docker.ok("ps", "--format", "{{.Names}}").contains(docker.name("db")), "the container stays");
    }

    @Test
    void link_goes_with_either_container(Docker docker) {
        assumeTrue(
                System.getProperty(Endpoint.AGAINST_PROPERTY) == null,
                "dockerd knows the link to a removed container, and does not start it, until it is started again itself");
        docker.sleeping("db");
        docker.sleeping("web", "--link", docker.name("db"));
        docker.ok("rm", "-f", docker.name("db"));

        docker.ok("restart", "-t", "0", docker.name("web"));

        assertEquals(Set.of(), variables(docker, "web"));
    }

    @Test
    void what_cannot_be_linked_is_refused(Docker docker) {
        docker.ok("create", "--name", docker.name("stopped"), Images.BUSYBOX, "true");
        docker.sleeping("host", "--network", "host");
        docker.ok("network", "create", docker.name("net"));
        docker.sleeping("elsewhere", "--network", docker.name("net"));

        docker.call("run", "--name", docker.name("away"), "--link", docker.name("elsewhere"), Images.BUSYBOX, "true")
                .exits(125)
                .saysError("Cannot link to /" + docker.name("elsewhere")
                        + ", as it does not belong to the default network");
        docker.call("create", "--link", "nosuch:x", Images.BUSYBOX)
                .exits(1)
                .saysError("could not get container for nosuch: No such container: nosuch");
        docker.call("create", "--link", docker.name("host") + ":x", Images.BUSYBOX)
                .exits(1)
                .saysError("conflicting options: host type networking can't be used with links");
        docker.ok(
                "create", "--name", docker.name("c"), "--link", docker.name("stopped") + ":x", Images.BUSYBOX, "true");
        docker.call("start", docker.name("c"))
                .exits(1)
                .saysError("Cannot link to a non running container: /%s AS /%s/x"
                        .formatted(docker.name("stopped"), docker.name("c")));
    }

    private static String address(Docker docker, String container) {
        return docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", docker.name(container));
    }

    private static String hosts(Docker docker, String container) {
        return docker.ok("exec", docker.name(container), "cat", "/etc/hosts") + "\n";
    }

    private static Set<String> variables(Docker docker, String container) {
        return docker.ok("exec", docker.name(container), "env")
                .lines()
                .filter(line -> line.startsWith("MY_DB") || line.contains("_PORT") || line.contains("_NAME="))
                .filter(line -> !line.startsWith("HOSTNAME="))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
