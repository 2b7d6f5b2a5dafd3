package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docker network connect} and {@code disconnect}. */
@EndpointTest
class NetworkConnectTest {
    @Test
    void running_container_comes_to_a_network_and_leaves_it(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.204.1.0/24", net);
        docker.sleeping("c");

        docker.ok("network", "connect", "--ip", "10.204.1.9", "--alias", "other", net, docker.name("c"));

        assertEquals(Set.of("bridge", net), networks(docker, "c"));
        JsonNode endpoint = endpoint(docker, "c", net);
        assertEquals("10.204.1.9", endpoint.get("IPAddress").asText());
        assertEquals(
                "{\"IPv4Address\":\"10.204.1.9\"}", endpoint.get("IPAMConfig").toString());
        assertTrue(endpoint.get("Aliases").toString().contains("other"), endpoint.toString());
        String addresses = docker.ok("exec", docker.name("c"), "ip", "-4", "addr");
        assertTrue(addresses.contains("10.204.1.9/24"), addresses);
        assertTrue(addresses.contains("eth1"), addresses);
        assertTrue(docker.ok("exec", docker.name("c"), "cat", "/etc/hosts").contains("10.204.1.9\t"));
        assertEquals(docker.name("c"), docker.ok("ps", "--filter", "network=" + net, "--format", "{{.Names}}"));
        docker.call("network", "connect", net, docker.name("c"))
                .exits(1)
                .saysError("endpoint with name " + docker.name("c") + " already exists in network " + net);

        docker.ok("network", "disconnect", net, docker.name("c"));

        assertEquals(Set.of("bridge"), networks(docker, "c"));
        assertFalse(docker.ok("exec", docker.name("c"), "ip", "-4", "addr").contains("10.204.1."));
        assertFalse(docker.ok("exec", docker.name("c"), "cat", "/etc/hosts").contains("10.204.1.9"));
        docker.call("network", "disconnect", net, docker.name("c"))
                .exits(1)
                .saysError("container [0-9a-f]{64} is not connected to network " + net);
    }

    @Test
    void default_route_and_published_ports_follow(Docker docker) {
        String net = docker.name("net");
        String inside = docker.name("inside");
        docker.ok("network", "create", "--subnet", "10.204.2.0/24", net);
        docker.ok("network", "create", "--internal", "--subnet", "10.204.3.0/24", inside);
        docker.sleeping("c", "-p", "80");

        docker.ok("network", "connect", net, docker.name("c"));
        docker.ok("network", "connect", inside, docker.name("c"));
        assertTrue(route(docker, "c").contains("dev eth0"), route(docker, "c"));
        docker.ok("network", "disconnect", "bridge", docker.name("c"));
        assertEquals("default via 10.204.2.1 dev eth1", route(docker, "c"));
        assertTrue(
                docker.call("port", docker.name("c"), "80").lines().getFirst().startsWith("0.0.0.0:"));

        docker.ok("network", "disconnect", net, docker.name("c"));
        assertEquals("", route(docker, "c"));
        assertEquals("", docker.ok("port", docker.name("c")));

        docker.ok("network", "disconnect", inside, docker.name("c"));
        assertEquals(Set.of(), networks(docker, "c"));
        docker.ok("network", "connect", net, docker.name("c"));
        assertTrue(route(docker, "c").startsWith("default via 10.204.2.1 dev eth"), route(docker, "c"));
        assertTrue(
                docker.call("port", docker.name("c"), "80").lines().getFirst().startsWith("0.0.0.0:"));
    }

    @Test
    void name_on_several_networks_has_the_address_where_the_default_route_is(Docker docker) {
        for (String net : List.of("z", "y", "x")) {
            docker.ok("network", "create", docker.name(net));
        }
        docker.ok("network", "create", "--internal", docker.name("a"));
        for (String container : List.of("asker", "asked")) {
            docker.sleeping(container, "--network", docker.name("z"));
            for (String net : List.of("a", "y", "x")) {
                docker.ok("network", "connect", docker.name(net), docker.name(container));
            }
        }

        for (String net : List.of("x", "y", "z", "a")) {
            String address =
                    endpoint(docker, "asked", docker.name(net)).get("IPAddress").asText();
            String answer = docker.ok("exec", docker.name("asker"), "nslookup", "-type=a", docker.name("asked"));
            assertTrue(answer.endsWith("Address: " + address), address + " is not what was answered: " + answer);
            docker.ok("network", "disconnect", docker.name(net), docker.name("asked"));
        }
    }

    @Test
    void stopped_container_is_there_with_its_next_start(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.204.4.0/24", net);
        docker.ok("create", "--name", docker.name("c"), Images.BUSYBOX, "sleep", "1000");

        docker.ok("network", "connect", "--ip", "10.204.4.4", net, docker.name("c"));
        docker.ok("network", "disconnect", "bridge", docker.name("c"));
        assertEquals(Set.of(net), networks(docker, "c"));
        docker.call("network", "disconnect", "bridge", docker.name("c"))
                .exits(1)
                .saysError("container [0-9a-f]{64} is not connected to the network bridge");
        docker.ok("start", docker.name("c"));
        assertTrue(docker.ok("exec", docker.name("c"), "ip", "-4", "addr").contains("10.204.4.4/24"));

        docker.ok("network", "disconnect", net, docker.name("c"));
        docker.ok("restart", "-t", "0", docker.name("c"));
        assertEquals(Set.of(), networks(docker, "c"));
        assertFalse(docker.ok("exec", docker.name("c"), "ip", "-4", "addr").contains("eth"));
        docker.ok("network", "connect", "bridge", docker.name("c"));
        assertEquals(Set.of("bridge"), networks(docker, "c"));
    }

    @Test
    void paused_container_can_be_connected(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        docker.sleeping("c");
        docker.ok("pause", docker.name("c"));

        docker.ok("network", "connect", net, docker.name("c"));

        assertEquals(Set.of("bridge", net), networks(docker, "c"));
        docker.ok("network", "disconnect", "bridge", docker.name("c"));
        docker.ok("unpause", docker.name("c"));
        assertTrue(docker.ok("exec", docker.name("c"), "ip", "route").contains("default via"));
    }

    @Test
    void refusals_have_the_same_words(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.204.5.0/24", net);
        docker.sleeping("c");
        docker.sleeping("other", "--network", net, "--ip", "10.204.5.7");
        docker.sleeping("host", "--network", "host");
        docker.sleeping("none", "--network", "none");
        docker.sleeping("joined", "--network", "container:" + docker.name("c"));
        String c = docker.name("c");

        docker.call("network", "connect", net, "nosuchcontainer")
                .exits(1)
                .saysError("No such container: nosuchcontainer");
        docker.call("network", "connect", "nosuchnet", "nosuchcontainer")
                .exits(1)
                .saysError("No such container: nosuchcontainer");
        docker.call("network", "connect", "nosuchnet", c).exits(1).saysError("network nosuchnet not found");
        docker.call("network", "disconnect", "nosuchnet", c).exits(1).saysError("network nosuchnet not found");
        docker.call("network", "disconnect", net, "nosuchcontainer")
                .exits(1)
                .saysError("No such container: nosuchcontainer");
        docker.call("network", "disconnect", "-f", net, "nosuchcontainer")
                .exits(1)
                .saysError("endpoint nosuchcontainer not found");
        docker.call("network", "connect", "host", c)
                .exits(1)
                .saysError("container cannot be disconnected from host network or connected to host network");
        docker.call("network", "connect", "none", c)
                .exits(1)
                .saysError("container cannot be connected to multiple networks with one of the networks in private"
                        + " \\(none\\) mode");
        docker.call("network", "connect", net, docker.name("none"))
                .exits(1)
                .saysError("container cannot be connected to multiple networks with one of the networks in private"
                        + " \\(none\\) mode");
        for (String shared : List.of("host", "joined")) {
            docker.call("network", "connect", net, docker.name(shared))
                    .exits(1)
                    .saysError("container sharing network namespace with another container or host cannot be connected"
                            + " to any other network");
        }
        docker.call("network", "disconnect", "host", docker.name("host"))
                .exits(1)
                .saysError("container cannot be disconnected from host network or connected to host network");
        docker.call("network", "connect", "--ip", "10.204.5.7", net, c).exits(1).saysError("Address already in use");
        if (docker.apiMinor() >= 44) {
            docker.call("network", "connect", "--ip", "10.99.5.7", net, c)
                    .exits(1)
                    .saysError("no configured subnet or ip-range contain the IP address 10.99.5.7");
        }
        assertFalse(docker.ok("exec", c, "ip", "addr").contains("10.204.5."));
        docker.ok("network", "connect", net, c);
    }

    @Test
    void change_is_told_as_events(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        docker.sleeping("c");
        String id = docker.inspect(docker.name("c")).get("Id").asText();
        String since = Instant.now().toString();

        docker.ok("network", "connect", net, docker.name("c"));
        docker.ok("network", "disconnect", net, docker.name("c"));

        String format =
                "{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}} {{.Actor.Attributes.container}}";
        List<String> wanted = List.of("connect " + net + " bridge " + id, "disconnect " + net + " bridge " + id);
        Docker.await("the events of the network", () -> {
            List<String> told = new ArrayList<>(docker.call(
                            "events",
                            "--since",
                            since,
                            "--until",
                            Instant.now().toString(),
                            "--filter",
                            "network=" + net,
                            "--format",
                            format)
                    .lines());
            // dockerd tells of the end twice.
            return told.stream().distinct().toList().equals(wanted);
        });
    }

    @Test
    void network_that_is_not_there_can_neither_be_joined_nor_left(Docker docker, Engine engine) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        docker.sleeping("c");
        docker.ok("create", "--name", docker.name("rests"), Images.BUSYBOX, "true");
        String connect = "/networks/" + net + "/connect";
        String disconnect = "/networks/" + docker.name("no") + "/disconnect";

        assertEquals(
                "network abc not found",
                engine.post(
                                connect,
                                "{\"Container\":\"%s\",\"EndpointConfig\":{\"NetworkID\":\"abc\"}}"
                                        .formatted(docker.name("c")))
                        .is(404)
                        .message());
        assertEquals(
                "network " + docker.name("no") + " not found",
                engine.post(disconnect, "{\"Container\":\"%s\"}".formatted(docker.name("c")))
                        .is(404)
                        .message());
        for (String body : List.of(
                "{\"Container\":\"%s\",\"Force\":true}".formatted(docker.name("c")),
                "{\"Container\":\"%s\",\"Force\":true}".formatted(docker.name("rests")),
                "{\"Container\":\"%s\"}".formatted(docker.name("rests")))) {
            String id = docker.inspect(Docker.json(body).get("Container").asText())
                    .get("Id")
                    .asText();
            assertEquals(
                    "container " + id + " is not connected to the network " + docker.name("no"),
                    engine.post(disconnect, body).is(500).message());
        }
    }

    private static Set<String> networks(Docker docker, String container) {
        Set<String> names = new TreeSet<>();
        docker.inspect(docker.name(container))
                .at("/NetworkSettings/Networks")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    private static JsonNode endpoint(Docker docker, String container, String network) {
        return docker.inspect(docker.name(container)).at("/NetworkSettings/Networks/" + network);
    }

    private static String route(Docker docker, String container) {
        return docker.ok("exec", docker.name(container), "ip", "route")
                .lines()
                .filter(line -> line.startsWith("default"))
                .collect(Collectors.joining())
                .strip();
    }
}
