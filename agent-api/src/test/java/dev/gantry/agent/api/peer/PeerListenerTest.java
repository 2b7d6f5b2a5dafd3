package dev.gantry.agent.api.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PeerListenerTest {
    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private Certificates ours;
    private PeerTls service;
    private PeerListener listener;

    @BeforeEach
    void listen() throws IOException, InterruptedException {
        ours = new Certificates(directory, "ours");
        service = ours.issue("service");
        listener = PeerListener.open(
                vertx, "gantry.agent.listen", "127.0.0.1:0", ours.issue("host"), (peer, request) -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end("{\"name\":\"" + peer.name() + "\"}"));
    }

    @AfterEach
    void stop() {
        listener.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void peer_with_a_certificate_of_our_authority_is_served_under_its_name() {
        assertEquals(Map.of("name", "service"), call("https", service));
    }

    @Test
    void everybody_else_is_refused() throws Exception {
        PeerTls stranger = new Certificates(directory, "theirs").issue("service");
        PeerTls strangerTrustingUs = new PeerTls(stranger.certificate(), stranger.key(), service.authority());

        assertThrows(IOException.class, () -> handshake(Certificates.anonymous(service), "TLSv1.3"));
        assertThrows(IOException.class, () -> handshake(Certificates.context(strangerTrustingUs), "TLSv1.3"));
        assertUnreachable("https", strangerTrustingUs);
        assertUnreachable("https", null);
        assertUnreachable("http", service);
    }

    @Test
    void server_of_another_authority_is_not_spoken_to() throws Exception {
        PeerTls stranger = new Certificates(directory, "theirs").issue("service");

        assertUnreachable("https", new PeerTls(service.certificate(), service.key(), stranger.authority()));
    }

    @Test
    void old_versions_of_tls_are_refused() throws Exception {
        SSLContext context = Certificates.context(service);

        handshake(context, "TLSv1.2");
        assertThrows(IOException.class, () -> handshake(context, "TLSv1.1"));
    }

    @Test
    void what_is_no_address_is_said_with_its_setting() {
        var error = assertThrows(
                IllegalStateException.class,
                () -> PeerListener.open(vertx, "gantry.agent.listen", "9090", service, (_, _) -> {}));

        assertEquals("gantry.agent.listen is not host:port: 9090", error.getMessage());
    }

    private void assertUnreachable(String scheme, PeerTls tls) {
        var failure = assertThrows(CompletionException.class, () -> call(scheme, tls));
        assertEquals(AgentFailure.Code.UNREACHABLE, ((AgentFailure) failure.getCause()).code());
    }

    private Object call(String scheme, PeerTls tls) {
        try (AgentClient client = new AgentClient(vertx, tls, new ObjectMapper())) {
            return client.call(AgentCall.get(scheme + "://localhost:" + listener.port(), "/host"), Object.class)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        }
    }

    /** With TLS 1.3 a client learns that its certificate is refused when it reads. */
    private void handshake(SSLContext context, String protocol) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", listener.port())) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
            assertTrue(socket.getInputStream().read() >= 0);
        }
    }
}
