package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Containers find each other by name, through the name server that each has on networks which were made. */
@EndpointTest
class NamesTest {
    private static final Pattern ADDRESS =
            Pattern.compile("Address: *(\\d+\\.\\d+\\.\\d+\\.\\d+)\\s*$", Pattern.MULTILINE);

    @Test
    void container_is_found_by_all_its_names_on_networks_that_both_are_on(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.205.1.0/24", docker.name("net"));
        docker.ok("network", "create", "--subnet", "10.205.2.0/24", docker.name("other"));
        docker.sleeping("asker", "--network", docker.name("net"));
        docker.sleeping("far", "--network", docker.name("other"), "--network-alias", "everyone");
        docker.sleeping(
                "db",
                "--network",
                docker.name("net"),
                "--ip",
                "10.205.1.77",
                "--network-alias",
                "store",
                "--network-alias",
                "everyone",
                "--hostname",
                "dbhost");
        String shortId = docker.inspect(docker.name("db")).get("Id").asText().substring(0, 12);

        for (String name : List.of(docker.name("db"), "store", "STORE", "everyone", shortId, "dbhost")) {
            assertEquals(Set.of("10.205.1.77"), addresses(docker, "asker", name), name);
        }
        assertEquals(Set.of("10.205.1.77"), addresses(docker, "asker", "store." + docker.name("net")));
        assertEquals(Set.of(), addresses(docker, "asker", "store." + docker.name("other")));
        assertEquals(Set.of(), addresses(docker, "asker", docker.name("far")));
        assertEquals(Set.of("10.205.1.77"), addresses(docker, "db", "store"), "it finds itself");
        String reverse = docker.call("exec", docker.name("asker"), "nslookup", "10.205.1.77")
                .text();
        assertTrue(reverse.contains("name = " + docker.name("db") + "." + docker.name("net")), reverse);
    }

    @Test
    void name_that_several_have_leads_to_all_of_them(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.205.3.0/24", docker.name("net"));
        docker.sleeping("asker", "--network", docker.name("net"), "--ip", "10.205.3.100");
        Set<String> all = new TreeSet<>();
        for (int i = 1; i <= 3; i++) {
            docker.sleeping(
                    "s" + i,
                    "--network",
                    docker.name("net"),
                    "--network-alias",
                    "service",
                    "--ip",
                    "10.205.3." + i + "0");
            all.add("10.205.3." + i + "0");
        }

        assertEquals(all, addresses(docker, "asker", "service"));
        docker.ok("rm", "-f", docker.name("s2"));
        all.remove("10.205.3.20");
        assertEquals(all, addresses(docker, "asker", "service"));
    }

    @Test
    void names_follow_renames_and_networks_at_once(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.205.4.0/24", docker.name("net"));
        docker.ok("network", "create", "--subnet", "10.205.5.0/24", docker.name("later"));
        docker.sleeping("asker", "--network", docker.name("net"));
        docker.sleeping("c", "--network", docker.name("net"), "--ip", "10.205.4.9");

        docker.ok("rename", docker.name("c"), docker.name("renamed"));
        assertEquals(Set.of("10.205.4.9"), addresses(docker, "asker", docker.name("renamed")));
        assertEquals(Set.of(), addresses(docker, "asker", docker.name("c")));

        docker.ok(
                "network",
                "connect",
                "--alias",
                "late",
                "--ip",
                "10.205.5.9",
                docker.name("later"),
                docker.name("renamed"));
        assertEquals(Set.of(), addresses(docker, "asker", "late"));
        docker.ok("network", "connect", docker.name("later"), docker.name("asker"));
        assertEquals(Set.of("10.205.5.9"), addresses(docker, "asker", "late"));
        docker.ok("network", "disconnect", docker.name("later"), docker.name("renamed"));
        assertEquals(Set.of(), addresses(docker, "asker", "late"));

        docker.ok("restart", "-t", "0", docker.name("renamed"));
        assertEquals(Set.of("10.205.4.9"), addresses(docker, "asker", docker.name("renamed")));
        docker.ok("stop", "-t", "0", docker.name("renamed"));
        assertEquals(Set.of(), addresses(docker, "asker", docker.name("renamed")));
        docker.ok("start", docker.name("renamed"));
        docker.ok("rename", docker.name("renamed"), docker.name("c"));
    }

    @Test
    void container_of_the_default_network_has_names_once_it_comes_to_another(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.205.6.0/24", docker.name("net"));
        docker.sleeping("c");
        docker.sleeping("other", "--network", docker.name("net"), "--ip", "10.205.6.6");
        assertFalse(resolvConf(docker, "c").contains("127.0.0.11"));

        docker.ok("network", "connect", docker.name("net"), docker.name("c"));

        assertTrue(resolvConf(docker, "c").contains("nameserver 127.0.0.11\n"));
        assertEquals(Set.of("10.205.6.6"), addresses(docker, "c", docker.name("other")));
    }

    @Test
    void who_joins_the_network_of_another_has_its_names(Docker docker) {
        docker.ok("network", "create", docker.name("net"));
        docker.sleeping("c", "--network", docker.name("net"), "--hostname", "own.example.com");
        docker.sleeping("joined", "--network", "container:" + docker.name("c"));

        assertTrue(resolvConf(docker, "joined").contains("nameserver 127.0.0.11\n"));
        for (String file : List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")) {
            assertEquals(
                    docker.ok("exec", docker.name("c"), "cat", file),
                    docker.ok("exec", docker.name("joined"), "cat", file));
        }
        assertEquals(addresses(docker, "c", docker.name("c")), addresses(docker, "joined", docker.name("c")));
    }

    @Test
    void resolv_conf_says_what_was_asked_for(Docker docker) {
        docker.ok("network", "create", docker.name("net"));
        docker.sleeping(
                "asked",
                "--network",
                docker.name("net"),
                "--dns",
                "192.0.2.53",
                "--dns-search",
                "example.com",
                "--dns-search",
                "example.org",
                "--dns-option",
                "timeout:1");
        docker.sleeping("dots", "--network", docker.name("net"), "--dns-option", "ndots:2");
        docker.sleeping("bridge", "--dns", "192.0.2.53", "--dns-search", ".", "--dns-option", "rotate");

        assertEquals(
                List.of("nameserver 127.0.0.11", "search example.com example.org", "options timeout:1 ndots:0"),
                statements(docker, "asked"));
        assertTrue(statements(docker, "dots").contains("options ndots:2"), resolvConf(docker, "dots"));
        assertEquals(List.of("nameserver 192.0.2.53", "options rotate"), statements(docker, "bridge"));
    }

    @Test
    void hosts_has_the_whole_name_and_the_first_part(Docker docker) {
        docker.ok("network", "create", "--subnet", "10.205.7.0/24", docker.name("net"));
        docker.sleeping(
                "c",
                "--network",
                docker.name("net"),
                "--ip",
                "10.205.7.7",
                "--hostname",
                "foobar.example.com",
                "--add-host",
                "extra:192.0.2.1");

        String hosts = docker.ok("exec", docker.name("c"), "cat", "/etc/hosts");

        assertTrue(hosts.contains("10.205.7.7\tfoobar.example.com foobar"), hosts);
        assertTrue(hosts.contains("192.0.2.1\textra"), hosts);
        assertFalse(hosts.contains(docker.name("c")), hosts);
    }

    private static List<String> statements(Docker docker, String container) {
        return resolvConf(docker, container)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    private static String resolvConf(Docker docker, String container) {
        return docker.ok("exec", docker.name(container), "cat", "/etc/resolv.conf") + "\n";
    }

    /** IPv4; empty for a name that nobody has. */
    private static Set<String> addresses(Docker docker, String container, String name) {
        String answer = docker.call("exec", docker.name(container), "nslookup", "-type=a", name)
                .out();
        Set<String> addresses = new TreeSet<>();
        Matcher matcher = ADDRESS.matcher(answer.replaceFirst("(?s)^Server:.*?\n\n", ""));
        while (matcher.find()) {
            addresses.add(matcher.group(1));
        }
        return addresses;
    }
}
