package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The predefined networks, and {@code docker network ls} and {@code inspect}. */
@EndpointTest
class NetworksTest {
    @Test
    void the_predefined_networks_are_there(Docker docker) {
        List<String> lines = docker.call("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")
                .lines();

        assertTrue(
                lines.containsAll(List.of("bridge bridge local", "host host local", "none null local")),
                lines::toString);
        assertEquals("bridge", docker.ok("network", "ls", "--filter", "name=^bridge$", "--format", "{{.Name}}"));
        assertEquals("host", docker.ok("network", "ls", "--filter", "driver=host", "--format", "{{.Name}}"));
        docker.call("network", "ls", "--filter", "nosuch=x").exits(1).saysError("invalid filter '?nosuch");
        docker.call("network", "inspect", "nosuchnetwork").exits(1).saysError("network nosuchnetwork not found");
        docker.call("network", "rm", "bridge")
                .exits(1)
                .saysError("bridge is a pre-defined network and cannot be removed");
    }

    @Test
    void inspect_shows_range_and_containers(Docker docker) {
        String name = docker.sleeping("c");

        JsonNode bridge = Docker.json(docker.ok("network", "inspect", "bridge")).get(0);

        assertEquals("bridge", bridge.get("Driver").asText());
        assertTrue(bridge.at("/IPAM/Config/0/Subnet").asText().matches("[0-9.]+/\\d+"));
        JsonNode endpoint = bridge.get("Containers").get(docker.ok("inspect", "-f", "{{.Id}}", name));
        assertEquals(name, endpoint.get("Name").asText());
        assertTrue(endpoint.get("IPv4Address").asText().startsWith(address(docker, name) + "/"));
        assertEquals(
                bridge,
                Docker.json(docker.ok(
                                "network", "inspect", bridge.get("Id").asText().substring(0, 12)))
                        .get(0));
    }

    private static String address(Docker docker, String name) {
        return docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name);
    }

    @Test
    void containers_on_the_bridge_reach_each_other_and_the_host(Docker docker) {
        String one = docker.sleeping("one");
        String two = docker.sleeping("two");
        String gateway = docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.Gateway}}", one);

        assertNotEquals(address(docker, one), address(docker, two));
        docker.ok("exec", one, "ping", "-c", "1", "-W", "5", address(docker, two));
        docker.ok("exec", one, "ping", "-c", "1", "-W", "5", gateway);
        assertTrue(docker.ok("exec", one, "ip", "route").contains("default via " + gateway + " dev eth0"));
    }

    @Test
    void addresses_are_used_again_after_removal(Docker docker) {
        for (int i = 0; i < 3; i++) {
            String name = docker.sleeping("again");
            assertTrue(address(docker, name).matches("[0-9.]+"));
            docker.ok("rm", "-f", name);
        }
        String left = docker.ok("network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{end}}", "bridge");
        assertTrue(!left.contains(docker.name("again")), left);
    }

    @Test
    void none_has_a_loopback_only(Docker docker) {
        assertEquals("lo", docker.ok("run", "--rm", "--network", "none", Images.BUSYBOX, "ls", "/sys/class/net"));
        docker.ok("run", "--rm", "--network", "none", Images.BUSYBOX, "ping", "-c", "1", "127.0.0.1");
    }

    @Test
    void host_is_the_hosts(Docker docker) throws Exception {
        Assumptions.assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        Process interfaces = new ProcessBuilder("ls", "/sys/class/net").start();
        String here = new String(interfaces.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

        String inside = docker.ok(
                "run", "--rm", "--network", "host", Images.BUSYBOX, "sh", "-c", "readlink /proc/self/ns/net; hostname");

        assertEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/net")) + "\n"
                        + Files.readString(Path.of("/proc/sys/kernel/hostname")).strip(),
                inside);
        assertTrue(here.contains("lo"));
    }

    @Test
    void another_containers_network_can_be_joined(Docker docker) {
        String one = docker.sleeping("one");
        String joined = docker.sleeping("joined", "--network", "container:" + one);

        String namespace = docker.ok("exec", one, "readlink", "/proc/self/ns/net");
        for (String other : List.of(one, joined)) {
            assertEquals(
                    namespace,
                    docker.ok(
                            "run",
                            "--rm",
                            "--network",
                            "container:" + other,
                            Images.BUSYBOX,
                            "readlink",
                            "/proc/self/ns/net"),
                    other);
        }
        docker.call("run", "--rm", "--network", "container:" + docker.name("none"), Images.BUSYBOX, "true")
                .exits(125)
                .saysError("no such container");
    }

    @Test
    void hosts_resolv_conf_and_hostname_are_written(Docker docker) {
        String name = docker.sleeping(
                "files",
                "--hostname",
                "box",
                "--add-host",
                "other:192.0.2.7",
                "--dns",
                "192.0.2.53",
                "--dns-search",
                "example.test",
                "--dns-option",
                "ndots:2");

        String hosts = docker.ok("exec", name, "cat", "/etc/hosts");
        assertTrue(hosts.matches("(?s).*127\\.0\\.0\\.1\\s+localhost\n.*"), hosts);
        assertTrue(hosts.matches("(?s).*192\\.0\\.2\\.7\\s+other\n.*"), hosts);
        assertTrue(hosts.matches("(?s).*" + address(docker, name).replace(".", "\\.") + "\\s+box$"), hosts);
        String resolv = docker.ok("exec", name, "cat", "/etc/resolv.conf");
        assertTrue(resolv.contains("nameserver 192.0.2.53"), resolv);
        assertTrue(resolv.contains("search example.test"), resolv);
        assertTrue(resolv.contains("options ndots:2"), resolv);
        assertEquals("box", docker.ok("exec", name, "cat", "/etc/hostname"));
        docker.ok("exec", name, "sh", "-c", "echo 192.0.2.8 added >> /etc/hosts");
        assertTrue(docker.ok("exec", name, "cat", "/etc/hosts").contains("added"));
    }

    @Test
    void the_network_namespace_is_its_own(Docker docker) throws Exception {
        String inside = docker.ok("run", "--rm", Images.BUSYBOX, "readlink", "/proc/self/ns/net");

        assertNotEquals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString(), inside);
    }
}
