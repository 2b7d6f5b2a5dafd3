package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.FreePorts;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker run -p} and {@code docker port}. */
@EndpointTest
class PortsTest {
    /** A server that answers every connection with its greeting. */
    private static String greeting(Docker docker, String suffix, String... options) {
        String name = docker.name(suffix);
        var arguments = new java.util.ArrayList<>(java.util.List.of("run", "-d", "--name", name));
        arguments.addAll(java.util.List.of(options));
        arguments.addAll(java.util.List.of(Images.BUSYBOX, "sh", "-c", "while :; do echo hello | nc -l -p 80; done"));
        docker.ok(arguments.toArray(String[]::new));
        return name;
    }

    private static int port(Docker docker, String name) {
        String line = docker.call("port", name, "80").lines().getFirst();
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    /** What the server at an address says; servers need a moment to start. */
    private static String read(String host, int port) {
        IOException last = null;
        for (int attempt = 0; attempt < 50; attempt++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 2000);
                socket.setSoTimeout(2000);
                String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!text.isEmpty()) {
                    return text.strip();
                }
            } catch (IOException e) {
                last = e;
            }
            Docker.pause(100);
        }
        throw new AssertionError("nothing from " + host + ":" + port, last);
    }

    private static String ownAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof java.net.Inet4Address && !address.isLoopbackAddress())
                .filter(address -> !address.getHostAddress().startsWith("10.213."))
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElse("127.0.0.1");
    }

    @Test
    void a_published_port_is_reached_by_loopback_and_by_the_hosts_address(Docker docker) throws Exception {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        int port = FreePorts.one();
        greeting(docker, "web", "-p", port + ":80");

        assertEquals("hello", read("127.0.0.1", port));
        assertEquals("hello", read(ownAddress(), port));
    }

    @Test
    void a_port_is_chosen_where_none_is_given(Docker docker) {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        String name = greeting(docker, "web", "-p", "80");

        assertTrue(docker.ok("port", name).startsWith("80/tcp -> 0.0.0.0:"), docker.ok("port", name));
        assertEquals("hello", read("127.0.0.1", port(docker, name)));
    }

    @Test
    void all_exposed_ports_are_published_with_P(Docker docker) {
        String name = docker.name("all");
        docker.ok(
                "run", "-d", "--name", name, "-P", "--expose", "81", "--entrypoint", "sleep", Images.CONFIGURED, "100");

        String ports = docker.ok("port", name);

        assertTrue(ports.contains("8080/tcp -> 0.0.0.0:") && ports.contains("81/tcp -> 0.0.0.0:"), ports);
    }

    @Test
    void a_loopback_port_is_not_reached_from_elsewhere(Docker docker) throws Exception {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        int port = FreePorts.one();
        greeting(docker, "web", "-p", "127.0.0.1:" + port + ":80");

        assertEquals("hello", read("127.0.0.1", port));
        String other = ownAddress();
        assumeTrue(!other.equals("127.0.0.1"), "the machine has no other address");
        assertThrows(IOException.class, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(other, port), 1000);
            }
        });
    }

    @Test
    void other_containers_reach_it_by_the_hosts_address(Docker docker) throws Exception {
        int port = FreePorts.one();
        String name = greeting(docker, "web", "-p", port + ":80");
        String gateway = docker.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.Gateway}}", name);

        assertEquals(
                "hello",
                docker.ok(
                        "run",
                        "--rm",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "for i in 1 2 3 4 5 6 7 8 9; do nc -w 2 " + gateway + " " + port
                                + " </dev/null && exit; sleep 0.3; done"));
    }

    @Test
    void udp_is_published_too(Docker docker) throws Exception {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        int port = FreePorts.one();
        String name = docker.name("udp");
        docker.ok("run", "-d", "--name", name, "-p", port + ":53/udp", Images.BUSYBOX, "sleep", "100");

        // busybox has no server for UDP: the container's kernel counts what comes for a port that nobody listens on.
        Docker.await("the datagram arrives", () -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                byte[] bytes = "datagram\n".getBytes(StandardCharsets.UTF_8);
                socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return !docker.ok("exec", name, "sh", "-c", "awk '/^Udp:/ {n=$3} END {print n}' /proc/net/snmp")
                    .equals("0");
        });
        assertTrue(docker.ok("port", name).startsWith("53/udp -> 0.0.0.0:" + port));
    }

    @Test
    void ranges_are_published_in_order(Docker docker) throws Exception {
        String name = docker.name("range");
        int first = FreePorts.firstOf(3);
        int last = first + 2;
        docker.ok("create", "--name", name, "-p", first + "-" + last + ":80-82", Images.BUSYBOX, "sleep", "100");
        docker.ok("start", name);

        String ports = docker.ok("port", name);

        assertTrue(ports.contains("80/tcp -> 0.0.0.0:" + first), ports);
        assertTrue(ports.contains("82/tcp -> 0.0.0.0:" + last), ports);
    }

    @Test
    void ipv4_addresses_written_as_ipv6_ones_are_ipv4(Docker docker) throws Exception {
        int port = FreePorts.one();
        String name = greeting(docker, "mapped", "-p", "[::ffff:127.0.0.1]:" + port + ":80");

        assertEquals("127.0.0.1:" + port, docker.ok("port", name, "80"));
        if (docker.endpoint().local()) {
            assertEquals("hello", read("127.0.0.1", port));
        }
    }

    @Test
    void an_address_that_the_host_does_not_have_is_refused(Docker docker) throws Exception {
        String name = docker.name("c");

        docker.call("run", "--name", name, "-p", "192.0.2.99:" + FreePorts.one() + ":80", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("driver failed programming external connectivity on endpoint " + name
                        + " \\([0-9a-f]{64}\\): Error starting userland proxy: listen tcp4 192.0.2.99:\\d+: bind:"
                        + " cannot assign requested address");
    }

    @Test
    void a_taken_port_is_refused_and_free_again_afterwards(Docker docker) throws Exception {
        int port = FreePorts.one();
        String holder = greeting(docker, "holder", "-p", port + ":80");

        docker.call("run", "--name", docker.name("second"), "-p", port + ":80", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("port is already allocated");

        docker.ok("rm", "-f", holder);
        greeting(docker, "third", "-p", port + ":80");
    }

    @Test
    void a_port_taken_by_a_program_of_the_host_is_refused(Docker docker) throws Exception {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        try (ServerSocket socket = new ServerSocket(0)) {
            docker.call("run", "--name", docker.name("c"), "-p", socket.getLocalPort() + ":80", Images.BUSYBOX, "true")
                    .exits(125)
                    .saysError("address already in use|port is already allocated");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536:80", "80:65536", "0-", "90-80:80", "a:b", "80:80/icmp", "1-3:80-81"})
    void bad_ports_are_refused(String bad, Docker docker) {
        var result = docker.call("run", "--rm", "-p", bad, Images.BUSYBOX, "true");

        assertEquals(125, result.exitCode(), result::toString);
    }

    @Test
    void a_restarted_container_keeps_its_port(Docker docker) throws Exception {
        assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");
        int port = FreePorts.one();
        String name = greeting(docker, "web", "-p", port + ":80");

        docker.ok("restart", "-t", "0", name);

        assertEquals("hello", read("127.0.0.1", port));
    }

    @Test
    void a_stopped_container_has_no_ports(Docker docker) throws Exception {
        int port = FreePorts.one();
        String name = greeting(docker, "web", "-p", port + ":80");

        docker.ok("stop", "-t", "0", name);

        assertEquals("", docker.call("port", name).out());
        try (ServerSocket socket = new ServerSocket(port)) {
            assertTrue(socket.isBound());
        }
    }
}
