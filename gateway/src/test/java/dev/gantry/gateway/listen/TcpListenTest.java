package dev.gantry.gateway.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpListenTest {
    @TempDir
    Path directory;

    /** An empty file of that name, which can be read. */
    private String file(String name) throws IOException {
        Path file = directory.resolve(name);
        return (Files.exists(file) ? file : Files.createFile(file)).toString();
    }

    @Test
    void loopback_needs_no_certificates_where_that_is_wanted() {
        for (String address : new String[] {"127.0.0.1:2375", "localhost:2375", "[::1]:2375"}) {
            assertFalse(TcpListen.of(address, "", "", "", true)
                    .apply(new HttpServerOptions())
                    .isSsl());
        }
        assertEquals("::1", TcpListen.of("[::1]:2375", "", "", "", true).host());
    }

    @Test
    void other_addresses_are_refused_without_them_and_the_reason_is_said() throws IOException {
        for (String address : new String[] {"0.0.0.0:2375", "192.0.2.1:2375", "[::]:2375", ":2375"}) {
            assertEquals(
                    "gantry.docker.tcp=" + address + " would make everyone who can reach it root on this machine: use a"
                            + " loopback address, or set gantry.docker.tls.cert, .key and .client-ca",
                    refusal(address, "", "", ""));
            assertTrue(refusal(address, file("cert.pem"), file("key.pem"), "").contains("would make everyone"));
        }
    }

    @Test
    void whoever_lets_every_local_user_in_must_say_so() throws IOException {
        for (String certificate : new String[] {"", file("cert.pem")}) {
            assertEquals(
                    "gantry.docker.tcp=127.0.0.1:2375 without client certificates makes every user of this machine"
                            + " root: set gantry.docker.tls.cert, .key and .client-ca, or, if that is wanted,"
                            + " gantry.docker.tcp-insecure=true",
                    refusal("127.0.0.1:2375", certificate, certificate, ""));
        }
    }

    @Test
    void strangers_are_kept_out_even_where_that_is_said() {
        assertThrows(IllegalStateException.class, () -> TcpListen.of("0.0.0.0:2375", "", "", "", true));
    }

    @Test
    void half_of_the_certificates_is_refused() throws IOException {
        assertEquals(
                "gantry.docker.tls.cert and gantry.docker.tls.key go together",
                refusal("127.0.0.1:2376", file("cert.pem"), "", ""));
        assertEquals(
                "gantry.docker.tls.client-ca needs gantry.docker.tls.cert and .key",
                refusal("127.0.0.1:2376", "", "", file("ca.pem")));
        assertEquals("gantry.docker.tcp is not host:port: 2376", refusal("2376", "", "", ""));
        assertEquals("gantry.docker.tcp is not host:port: localhost:99999", refusal("localhost:99999", "", "", ""));
    }

    @Test
    void clients_must_show_a_certificate_where_an_authority_is_set() throws IOException {
        HttpServerOptions verified = TcpListen.of(
                        "0.0.0.0:2376", file("cert.pem"), file("key.pem"), file("ca.pem"), false)
                .apply(new HttpServerOptions());
        HttpServerOptions unverified = TcpListen.of("127.0.0.1:2376", file("cert.pem"), file("key.pem"), "", true)
                .apply(new HttpServerOptions());

        assertEquals(ClientAuth.REQUIRED, verified.getClientAuth());
        assertEquals(ClientAuth.NONE, unverified.getClientAuth());
        assertTrue(unverified.isSsl());
        assertEquals(Set.of("TLSv1.2", "TLSv1.3"), verified.getEnabledSecureTransportProtocols());
    }

    private static String refusal(String address, String certificate, String key, String authority) {
        return assertThrows(
                        IllegalStateException.class, () -> TcpListen.of(address, certificate, key, authority, false))
                .getMessage();
    }
}
