package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import org.junit.jupiter.api.Test;

/** Networks with IPv6, and those that share an interface of the host. */
@EndpointTest
class Ipv6NetworksTest {
    @Test
    void container_has_addresses_of_both_families(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--ipv6", "--subnet", "fd00:206:1::/64", net);
        docker.sleeping("one", "--network", net);
        docker.sleeping("two", "--network", net, "--ip6", "fd00:206:1::77");

        JsonNode endpoint = docker.inspect(docker.name("two"))
                .at("/NetworkSettings/Networks")
                .get(net);
        assertEquals("fd00:206:1::77", endpoint.get("GlobalIPv6Address").asText());
        assertEquals("fd00:206:1::1", endpoint.get("IPv6Gateway").asText());
        assertEquals(64, endpoint.get("GlobalIPv6PrefixLen").asInt());
        assertEquals(
                "true [fd00:206:1::/64]",
                docker.ok("network", "inspect", "-f", "{{.EnableIPv6}} [{{(index .IPAM.Config 0).Subnet}}]", net));
        String inside = docker.ok("exec", docker.name("one"), "sh", "-c", "ip -6 addr; ip -6 route; cat /etc/hosts");
        assertTrue(inside.contains("inet6 fd00:206:1::2/64 scope global"), inside);
        assertTrue(inside.contains("default via fd00:206:1::1 dev eth0"), inside);
        assertTrue(inside.contains("fd00:206:1::2\t"), inside);
        docker.ok("exec", docker.name("one"), "ping6", "-c", "1", "-W", "2", docker.name("two"));
        assertTrue(docker.ok("exec", docker.name("one"), "nslookup", docker.name("two"))
                .contains("fd00:206:1::77"));
    }

    @Test
    void ipv6_comes_and_goes_with_the_network(Docker docker) {
        docker.ok("network", "create", docker.name("plain"));
        docker.ok("network", "create", "--ipv6", "--subnet", "fd00:206:2::/64", docker.name("net"));
        docker.sleeping("c", "--network", docker.name("plain"));
        assertEquals("", global(docker));

        docker.ok("network", "connect", "--ip6", "fd00:206:2::9", docker.name("net"), docker.name("c"));
        assertTrue(global(docker).contains("fd00:206:2::9/64"), global(docker));

        docker.ok("network", "disconnect", docker.name("net"), docker.name("c"));
        assertEquals("", global(docker));
    }

    @Test
    void internal_network_has_no_ipv6_router(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--internal", "--ipv6", "--subnet", "fd00:206:3::/64", net);
        docker.sleeping("c", "--network", net);

        assertFalse(docker.ok("exec", docker.name("c"), "ip", "-6", "route").contains("default"));
        assertEquals(
                "",
                docker.inspect(docker.name("c"))
                        .at("/NetworkSettings/Networks")
                        .get(net)
                        .get("IPv6Gateway")
                        .asText());
    }

    @Test
    void published_port_is_reached_over_ipv6(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--ipv6", "--subnet", "fd00:206:4::/64", net);
        docker.ok(
                "run",
                "-d",
                "--name",
                docker.name("web"),
                "--network",
                net,
                "-p",
                "8000",
                Images.BUSYBOX,
                "httpd",
                "-f",
                "-p",
                "8000",
                "-h",
                "/etc");
        String port = docker.ok(
                "inspect",
                "-f",
                "{{(index (index .NetworkSettings.Ports \"8000/tcp\") 1).HostPort}}",
                docker.name("web"));
        docker.sleeping("client", "--network", "host");

        for (String address : new String[] {"[::1]", "[fd00:206:4::1]", "127.0.0.1"}) {
            assertEquals(
                    docker.inspect(docker.name("web")).at("/Config/Hostname").asText(),
                    docker.ok(
                            "exec",
                            docker.name("client"),
                            "wget",
                            "-q",
                            "-O",
                            "-",
                            "http://" + address + ":" + port + "/hostname"));
        }
    }

    @Test
    void wrong_addresses_are_refused(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--ipv6", "--subnet", "fd00:206:5::/64", net);

        docker.call("create", "--network", net, "--ip6", "fd00:ff::7", Images.BUSYBOX)
                .exits(1)
                .saysError("no configured subnet or ip-range contain the IP address fd00:ff::7");
        docker.call("network", "create", "--ipv6", "--subnet", "fd00:206:5:1::1/64", docker.name("n2"))
                .exits(1)
                .saysError("invalid subnet fd00:206:5:1::1/64: it should be fd00:206:5:1::/64");
        docker.call("network", "create", "--ipv6", "--subnet", "fd00:206:5::/56", docker.name("n2"))
                .exits(1)
                .saysError("Pool overlaps with other one on this address space");
    }

    @Test
    void ipv6_with_an_mtu_that_is_too_small_for_it_is_refused(Docker docker) {
        for (String mtu : new String[] {"1279", "1280"}) {
            var made = docker.call(
                    "network",
                    "create",
                    "--ipv6",
                    "--subnet",
                    "fd00:206:7::/64",
                    "-o",
                    "com.docker.network.driver.mtu=" + mtu,
                    docker.name("n" + mtu));
            assertEquals(mtu.equals("1280") ? 0 : 1, made.exitCode(), made::toString);
        }
    }

    @Test
    void wrong_options_of_shared_interfaces_are_refused(Docker docker) {
        docker.call("network", "create", "-d", "macvlan", "-o", "parent=lo", docker.name("n"))
                .exits(1)
                .saysError("loopback interface is not a valid macvlan parent link");
        docker.call("network", "create", "-d", "macvlan", "-o", "macvlan_mode=x", docker.name("n"))
                .exits(1)
                .saysError("requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default");
        docker.call("network", "create", "-d", "ipvlan", "-o", "ipvlan_mode=x", docker.name("n"))
                .exits(1)
                .saysError("requested ipvlan mode 'x' is not valid, 'l2' mode is the ipvlan driver default");
    }

    private static String global(Docker docker) {
        return docker.ok("exec", docker.name("c"), "ip", "-6", "addr", "show", "scope", "global");
    }
}
