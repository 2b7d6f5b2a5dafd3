package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker network create}, {@code rm} and {@code prune}, and containers on networks that were made. */
@EndpointTest
class OwnNetworksTest {
    private static final String ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";

    @Test
    void network_is_made_shown_and_removed(Docker docker) {
        String name = docker.name("made");

        String id = docker.ok(
                "network",
                "create",
                "--label",
                "a=b",
                "--internal",
                "--attachable",
                "--subnet",
                "10.203.1.0/24",
                "--ip-range",
                "10.203.1.128/25",
                "--gateway",
                "10.203.1.9",
                "--aux-address",
                "x=10.203.1.5",
                "-o",
                "com.docker.network.driver.mtu=1400",
                name);

        JsonNode network = Docker.json(docker.ok("network", "inspect", name)).get(0);
        assertEquals(id, network.get("Id").asText());
        assertEquals("bridge", network.get("Driver").asText());
        assertEquals("local", network.get("Scope").asText());
        assertTrue(network.get("Internal").asBoolean());
        assertTrue(network.get("Attachable").asBoolean());
        assertEquals("{\"a\":\"b\"}", network.get("Labels").toString());
        assertEquals(
                "{\"com.docker.network.driver.mtu\":\"1400\"}",
                network.get("Options").toString());
        assertEquals(
                Docker.json("{\"Subnet\":\"10.203.1.0/24\",\"IPRange\":\"10.203.1.128/25\",\"Gateway\":\"10.203.1.9\","
                        + "\"AuxiliaryAddresses\":{\"x\":\"10.203.1.5\"}}"),
                network.at("/IPAM/Config/0"));
        assertEquals(name, docker.ok("network", "ls", "--filter", "name=" + name, "--format", "{{.Name}}"));
        assertEquals(
                name,
                docker.ok(
                        "network", "ls", "--filter", "label=a=b", "--filter", "name=" + name, "--format", "{{.Name}}"));
        assertEquals(name, docker.ok("network", "rm", name));
        docker.call("network", "rm", name).exits(1).saysError("network " + name + " not found");
    }

    @Test
    void refusals_have_the_same_words(Docker docker) {
        String name = docker.name("refused");
        docker.ok("network", "create", "--subnet", "10.203.2.0/24", name);

        docker.call("network", "create", name).exits(1).saysError("network with name " + name + " already exists");
        docker.call("network", "create", "--subnet", "10.203.2.0/25", name + "2")
                .exits(1)
                .saysError("Pool overlaps with other one on this address space");
        docker.call("network", "create", "-d", "nosuch", name + "2")
                .exits(1)
                .saysError("plugin \"?nosuch\"? not found");
        docker.call("network", "create", "-d", "host", name + "2")
                .exits(1)
                .saysError("only one instance of \"host\" network is allowed");
        docker.call("network", "create", "bridge")
                .exits(1)
                .saysError("operation is not permitted on predefined bridge network");
        docker.call("run", "--rm", "--network", "nosuchnetwork", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("network nosuchnetwork not found");
        assertEquals("", docker.ok("network", "ls", "-q", "--filter", "name=" + name + "2"));
    }

    @Test
    void bodies_and_options_are_read_as_by_dockerd(Docker docker, Engine engine) {
        String name = docker.name("net");
        assertTrue(engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"CheckDuplicate\":\"x\"}")
                .is(400)
                .message()
                .startsWith("invalid JSON: json: cannot unmarshal string into "));
        docker.call("network", "create", "-o=com.docker.network.bridge.default_bridge=x", name)
                .exits(1)
                .saysError("failed to parse com.docker.network.bridge.default_bridge value: x"
                        + " \\(strconv.ParseBool: parsing \"x\": invalid syntax\\)");

        engine.post(
                        "/networks/create",
                        """
                        {"Name":"%s","CheckDuplicate":true,"Options":{"com.docker.network.container_iface_prefix":"",
                         "com.docker.network.bridge.default_bridge":"false"}}
                        """
                                .formatted(name))
                .is(201);

        assertEquals(
                "eth0\nlo", docker.ok("run", "--rm", "--network", name, Images.BUSYBOX, "ls", "-1", "/sys/class/net"));
    }

    @Test
    void settings_come_from_another_network(Docker docker) {
        String settings = docker.name("settings");
        String name = docker.name("follows");
        String config = "--config-from=" + settings;
        docker.ok(
                "network",
                "create",
                "--config-only",
                "--ipv6",
                "--subnet=fd00:203:4::/64",
                "--subnet=10.203.4.0/24",
                "--label=a=b",
                "-o=com.docker.network.driver.mtu=1300",
                settings);

        for (String own : List.of("--label=c=d", "--ipv6", "--ipam-opt=a=b", "--subnet=10.203.5.0/24")) {
            docker.call("network", "create", config, own, name)
                    .exits(1)
                    .saysError("user specified configurations are not supported if the network depends on");
        }
        docker.call("network", "create", config, "-o=a=b", name)
                .exits(1)
                .saysError("network driver options are not supported if the network depends on");
        docker.ok("network", "create", config, name);

        assertEquals(
                "[{\"Subnet\":\"10.203.4.0/24\"},{\"Subnet\":\"fd00:203:4::/64\"}] {\"a\":\"b\"}",
                docker.ok("network", "inspect", "-f", "{{json .IPAM.Config}} {{json .Labels}}", name));
        assertEquals(
                "1300", docker.ok("run", "--rm", "--network", name, Images.BUSYBOX, "cat", "/sys/class/net/eth0/mtu"));
        docker.call("network", "rm", settings)
                .exits(1)
                .saysError("configuration network \"" + settings + "\" is in use");
        docker.call("run", "--rm", "--network", settings, Images.BUSYBOX, "true")
                .exits(125)
                .saysError("cannot create endpoint on configuration-only network");
        docker.ok("network", "rm", name, settings);
    }

    @Test
    void containers_reach_each_other_within_their_network_only(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.203.3.0/24", docker.name("one"));
        docker.ok("network", "create", "--subnet", "10.203.4.0/24", docker.name("two"));
        docker.sleeping("a", "--network", docker.name("one"));
        docker.sleeping("b", "--network", docker.name("one"), "--ip", "10.203.3.77");
        docker.sleeping("c", "--network", docker.name("two"));

        assertEquals(
                "10.203.3.77",
                docker.ok("inspect", "-f", ADDRESS, docker.name("b")).strip());
        docker.ok("exec", docker.name("a"), "ping", "-c", "1", "-W", "5", "10.203.3.77");
        docker.ok("exec", docker.name("a"), "ping", "-c", "1", "-W", "5", "10.203.3.1");
        String other = docker.ok("inspect", "-f", ADDRESS, docker.name("c")).strip();
        assertTrue(other.startsWith("10.203.4."), other);
        assertTrue(docker.call("exec", docker.name("a"), "ping", "-c", "1", "-W", "1", other)
                        .exitCode()
                != 0);
        assertTrue(docker.ok("exec", docker.name("c"), "ip", "route").contains("default via 10.203.4.1 dev eth0"));
    }

    @Test
    void container_may_be_on_several_networks(Docker docker) {
        docker.ok("network", "create", "--internal", "--subnet", "10.203.5.0/24", docker.name("a-inside"));
        docker.ok("network", "create", "--subnet", "10.203.6.0/24", docker.name("b-outside"));

        if (docker.apiMinor() >= 44) {
            docker.sleeping("both", "--network", docker.name("a-inside"), "--network", docker.name("b-outside"));

            String addresses = docker.ok("inspect", "-f", ADDRESS, docker.name("both"));
            assertTrue(addresses.matches("10\\.203\\.5\\.\\d+ 10\\.203\\.6\\.\\d+ ?"), addresses);
            String routes = docker.ok("exec", docker.name("both"), "ip", "route");
            assertTrue(routes.contains("default via 10.203.6.1"), routes);
            assertFalse(routes.contains("via 10.203.5"), routes);
        }
        docker.sleeping("closed", "--network", docker.name("a-inside"));
        assertFalse(docker.ok("exec", docker.name("closed"), "ip", "route").contains("default"));
    }

    @Test
    void another_router_than_the_bridge_has_the_default_route(Docker docker) {
        String net = docker.name("net");
        docker.ok(
                "network",
                "create",
                "--ipv6",
                "--subnet=10.203.9.0/24",
                "--subnet=fd00:203:9::/64",
                "--aux-address=DefaultGatewayIPv4=10.203.9.9",
                "--aux-address=DefaultGatewayIPv6=fd00:203:9::9",
                net);
        docker.sleeping("c", "--network", net);

        String routes = docker.ok("exec", docker.name("c"), "sh", "-c", "ip route; ip -6 route");
        assertTrue(routes.contains("default via 10.203.9.9 dev eth0"), routes);
        assertTrue(routes.contains("default via fd00:203:9::9 dev eth0"), routes);
        docker.ok("exec", docker.name("c"), "ping", "-c", "1", "-W", "5", "10.203.9.1");
        JsonNode endpoint =
                docker.inspect(docker.name("c")).at("/NetworkSettings/Networks").get(net);
        assertEquals("10.203.9.9", endpoint.get("Gateway").asText());
        assertEquals("fd00:203:9::9", endpoint.get("IPv6Gateway").asText());
        docker.call(
                        "network",
                        "create",
                        "--internal",
                        "--subnet=10.203.10.0/24",
                        "--aux-address=DefaultGatewayIPv4=10.203.10.9",
                        net + "2")
                .exits(1)
                .saysError("no gateway can be set on an internal bridge network");
        docker.call(
                        "network",
                        "create",
                        "--subnet=10.203.10.0/24",
                        "--aux-address=DefaultGatewayIPv4=10.203.11.9",
                        net + "2")
                .exits(1)
                .saysError("no matching subnet for aux-address 10.203.11.9");
    }

    @Test
    void address_is_refused_before_or_when_it_is_taken(Docker docker) {
        String name = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.203.7.0/24", name);
        docker.ok("network", "create", docker.name("chosen"));
        docker.sleeping("first", "--network", name, "--ip", "10.203.7.7");

        docker.call("run", "--rm", "--network", name, "--ip", "10.203.7.7", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("Address already in use");
        docker.call("run", "--rm", "--network", docker.name("chosen"), "--ip", "172.20.0.9", Images.BUSYBOX, "true")
                .exits(125)
                .saysError(
                        "user specified IP address is supported only when connecting to networks with user configured"
                                + " subnets");
        if (docker.apiMinor() >= 44) {
            docker.call("create", "--network", name, "--ip", "10.99.0.7", Images.BUSYBOX)
                    .exits(1)
                    .saysError("no configured subnet or ip-range contain the IP address 10.99.0.7");
            docker.call("create", "--network", name, "--ip", "0.0.0.0", Images.BUSYBOX)
                    .exits(1)
                    .saysError("invalid IPv4 address: 0.0.0.0");
            // The second, where the bridge has a subnet from dockerd's settings.
            docker.call("create", "--network", "bridge", "--ip", "192.0.2.77", Images.BUSYBOX)
                    .exits(1)
                    .saysError("invalid config for network bridge: invalid endpoint settings:\n"
                            + "\\* user specified IP address is supported on user defined networks only\n"
                            + "\\* (user specified IP address is supported only when connecting to networks with user"
                            + " configured subnets|no configured subnet or ip-range contain the IP address)");
        }
    }

    @Test
    void network_in_use_stays(Docker docker) {
        String name = docker.name("used");
        String id = docker.ok("network", "create", name);
        docker.sleeping("user", "--network", name);

        docker.call("network", "rm", name)
                .exits(1)
                .saysError("network " + name + " id " + id + " has active endpoints");
        docker.ok("stop", "-t", "0", docker.name("user"));
        docker.ok("network", "rm", name);
        docker.call("start", docker.name("user")).exits(1).saysError("network .* not found");
    }

    @Test
    void prune_removes_what_nobody_uses(Docker docker) {
        String label = docker.name("label");
        docker.ok("network", "create", "--label", label, docker.name("free"));
        docker.ok("network", "create", "--label", label, docker.name("used"));
        docker.sleeping("user", "--network", docker.name("used"));

        List<String> pruned = docker.call("network", "prune", "-f", "--filter", "label=" + label)
                .lines();

        assertEquals(
                List.of("Deleted Networks:", docker.name("free")),
                pruned.stream().filter(l -> !l.isBlank()).toList());
        assertEquals(
                docker.name("used"), docker.ok("network", "ls", "--filter", "label=" + label, "--format", "{{.Name}}"));
    }

    @Test
    void restart_keeps_a_container_on_its_network(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.203.8.0/24", docker.name("net"));
        docker.sleeping("c", "--network", docker.name("net"), "--ip", "10.203.8.8");

        docker.ok("restart", "-t", "0", docker.name("c"));

        assertEquals(
                "10.203.8.8",
                docker.ok("inspect", "-f", ADDRESS, docker.name("c")).strip());
        assertTrue(docker.ok("exec", docker.name("c"), "ip", "addr").contains("10.203.8.8/24"));
    }

    @Test
    void published_port_leads_into_an_own_network(Docker docker) {
        docker.ok("network", "create", docker.name("net"));
        docker.sleeping("c", "--network", docker.name("net"), "-p", "80");

        assertTrue(
                docker.call("port", docker.name("c"), "80").lines().getFirst().matches("0\\.0\\.0\\.0:\\d+"));
    }
}
