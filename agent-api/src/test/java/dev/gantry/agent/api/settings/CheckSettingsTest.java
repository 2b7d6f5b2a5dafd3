package dev.gantry.agent.api.settings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckSettingsTest {
    @TempDir
    Path directory;

    @Test
    void standard_values_are_of_their_kinds() {
        assertDoesNotThrow(() -> CheckSettings.check("", Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            gantry.health.port=abc | gantry.health.port=abc is no port
            gantry.health.port=70000 | gantry.health.port=70000 is no port
            gantry.data-dir=var/lib | gantry.data-dir=var/lib is no absolute path of a directory
            gantry.docker.tcp=2375 | gantry.docker.tcp=2375 is no host:port
            gantry.docker.max-json=4M | gantry.docker.max-json=4M is no number of bytes
            gantry.docker.max-json=9999999999 | gantry.docker.max-json=9999999999 is no number of bytes
            gantry.processes=some | gantry.processes=some is no topology: together or separate
            gantry.kafka.bootstrap-servers=a:1,b | gantry.kafka.bootstrap-servers=a:1,b is no list host:port,...
            gantry.network.bridge=a-name-of-16-ltr | gantry.network.bridge=a-name-of-16-ltr is no name
            gantry.network.pools=10.0.0.0/8 | gantry.network.pools=10.0.0.0/8 is no list
            gantry.network.pools=10.0.0.1/8:24 | gantry.network.pools=10.0.0.1/8:24 is no list
            gantry.network.pools=10.0.0.0/24:16 | gantry.network.pools=10.0.0.0/24:16 is no list
            gantry.network.pools=10.0.0.0/8:31 | gantry.network.pools=10.0.0.0/8:31 is no list
            gantry.network.pools=fd00::/8:127 | gantry.network.pools=fd00::/8:127 is no list
            gantry.network.pools=fd00::1/8:64 | gantry.network.pools=fd00::1/8:64 is no list
            gantry.network.pools=10.0.0.0/8:24, | gantry.network.pools=10.0.0.0/8:24, is no list
            gantry.agent.nftables-table=a;b | gantry.agent.nftables-table=a;b is no name
            gantry.agent.control=internal.sock | gantry.agent.control=internal.sock is no URL
            gantry.traces.endpoint=h:4318 | gantry.traces.endpoint=h:4318 is no URL
            gantry.traces.endpoint=unix:///run/traces.sock | gantry.traces.endpoint=unix:///run/traces.sock is no URL
            gantry.traces.endpoint=http://user:secret@h:4318 | gantry.traces.endpoint=http://user:secret@h:4318 is no URL
            gantry.image-service.url=ftp://h | gantry.image-service.url=ftp://h is no URL
            gantry.postgres.jdbc-url=postgresql://h/d | gantry.postgres.jdbc-url=postgresql://h/d is no jdbc:
            gantry.postgres.password-file=/nowhere | gantry.postgres.password-file: /nowhere cannot be read
            gantry.kafka.tls-key=/nowhere | gantry.kafka.tls-key: /nowhere cannot be read
            gantry.docker.tcp=0.0.0.0:2375 | gantry.docker.tcp=0.0.0.0:2375 would make everyone
            gantry.docker.tcp=127.0.0.1:2375 | gantry.docker.tcp=127.0.0.1:2375 without client certificates makes
            gantry.docker.tcp-insecure=yes | gantry.docker.tcp-insecure=yes is no truth value
            gantry.docker.tls.cert=/x | gantry.docker.tls.cert and gantry.docker.tls.key go together
            gantry.docker.tls.client-ca=/x | gantry.docker.tls.client-ca needs
            gantry.tls.key=/x | gantry.tls.certificate, gantry.tls.key, gantry.tls.authority are needed together
            gantry.agent.listen=0.0.0.0:1 | gantry.agent.listen=0.0.0.0:1: this is served with mutual TLS only
            gantry.services.listen=h:1 | gantry.services.listen=h:1: this is served with mutual TLS only
            gantry.agent.control=http://192.0.2.1:1 | gantry.agent.control=http://192.0.2.1:1: services and agents
            gantry.agent.address=http://127.0.0.1:1 | gantry.agent.address=http://127.0.0.1:1: services and agents
            gantry.rundir=/x | unknown setting "gantry.rundir"
            """)
    void each_wrong_setting_is_refused_by_name(String line, String beginning) throws IOException {
        Path file = Files.writeString(directory.resolve("g.properties"), line + "\n");

        var refused = assertThrows(RuntimeException.class, () -> CheckSettings.check(file.toString(), Map.of()));

        assertTrue(refused.getMessage().startsWith(beginning), refused.getMessage());
    }

    @Test
    void the_environment_counts_for_more_than_the_file() throws IOException {
        Path file = Files.writeString(directory.resolve("g.properties"), "gantry.health.port=abc\n");

        assertDoesNotThrow(() -> CheckSettings.check(file.toString(), Map.of("GANTRY_HEALTH_PORT", "1")));
    }

    @Test
    void references_are_resolved() {
        Map<String, String> values = Settings.effective(Map.of("gantry.run-dir", "/r"), Map.of());

        assertEquals("/r/docker.sock", values.get("gantry.docker.socket"));
        assertEquals("unix:///r/internal.sock", values.get("gantry.agent.control"));
    }

    @Test
    void a_socket_path_that_the_kernel_cannot_hold_is_refused() {
        String run = "/" + "r".repeat(100);

        var refused = assertThrows(
                IllegalArgumentException.class, () -> Settings.effective(Map.of("gantry.run-dir", run), Map.of()));

        assertTrue(refused.getMessage().startsWith("gantry.docker.socket=" + run), refused.getMessage());
    }

    @Test
    void a_taken_port_is_told_with_its_setting() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String wanted = "gantry.health.port=127.0.0.1:" + taken.getLocalPort();

            var refused = assertThrows(RefusedStart.class, () -> CheckSettings.requireFree(wanted));

            assertEquals(wanted + ": Address already in use", refused.getMessage());
        }
    }

    @Test
    void a_file_that_is_not_there_is_told() {
        var refused = assertThrows(RuntimeException.class, () -> CheckSettings.check("/no/such/file", Map.of()));

        assertTrue(refused.getMessage().contains("/no/such/file"), refused.getMessage());
    }
}
