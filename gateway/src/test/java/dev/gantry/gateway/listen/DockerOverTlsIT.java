package dev.gantry.gateway.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.gateway.client.Client;
import dev.gantry.gateway.client.WebGuard;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The listener's options with the real client: {@code docker --tlsverify}, {@code --tls} and neither. */
@Timeout(60)
class DockerOverTlsIT {
    private static final Path DOCKER = Path.of("/usr/bin/docker");

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private PeerTls server;
    private PeerTls client;
    private PeerTls stranger;

    @BeforeEach
    void issue() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(DOCKER), "the docker client is not installed");
        Certificates ours = new Certificates(directory, "ours");
        server = ours.issue("server");
        client = ours.issue("client");
        stranger = new Certificates(directory, "theirs").issue("client");
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void with_client_verification_only_our_clients_are_served() throws Exception {
        int port = listen(server.certificate(), server.key(), server.authority());

        assertEquals("7.7.7\n", docker(port, verify(client)));
        assertRefused(docker(port, verify(new PeerTls(stranger.certificate(), stranger.key(), client.authority()))));
        assertRefused(docker(port, List.of("--tls", "--tlscacert", server.authority())));
        assertRefused(docker(port, List.of()));
    }

    @Test
    void without_client_verification_the_client_still_verifies_the_server() throws Exception {
        int port = listen(server.certificate(), server.key(), "");

        assertEquals("7.7.7\n", docker(port, List.of("--tlsverify", "--tlscacert", server.authority())));
        assertEquals("7.7.7\n", docker(port, List.of("--tls", "--tlscacert", server.authority())));
        assertRefused(docker(port, List.of("--tlsverify", "--tlscacert", stranger.authority())));
        assertRefused(docker(port, List.of()));
    }

    @Test
    void client_is_known_by_its_certificate_and_nobody_without_one() throws Exception {
        int verified = listen(server.certificate(), server.key(), server.authority());
        int unverified = listen(server.certificate(), server.key(), "");
        int plain = listen("", "", "");

        assertEquals("certificate CN=client\n", docker(verified, verify(client), ".Server.GitCommit"));
        assertEquals(
                "anonymous 127.0.0.1\n",
                docker(unverified, List.of("--tls", "--tlscacert", server.authority()), ".Server.GitCommit"));
        assertEquals("anonymous 127.0.0.1\n", docker(plain, List.of(), ".Server.GitCommit"));
    }

    @Test
    void plain_tcp_works_on_loopback() throws Exception {
        assertEquals("7.7.7\n", docker(listen("", "", ""), List.of()));
    }

    private int listen(String certificate, String key, String authority) {
        HttpServerOptions options = TcpListen.of("127.0.0.1:0", certificate, key, authority, authority.isEmpty())
                .apply(new HttpServerOptions());
        return vertx.createHttpServer(options)
                .connectionHandler(connection -> Client.identify(connection, new WebGuard.None()))
                .requestHandler(DockerOverTlsIT::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private static void answer(HttpServerRequest request) {
        request.response().putHeader("Api-Version", "1.51").putHeader("Content-Type", "application/json");
        request.response()
                .end(
                        request.path().endsWith("/_ping")
                                ? "OK"
                                : "{\"Version\":\"7.7.7\",\"ApiVersion\":\"1.51\",\"MinAPIVersion\":\"1.24\",\"GitCommit\":\""
                                        + Client.of(request.connection())
                                                .principal()
                                                .text() + "\"}");
    }

    private static List<String> verify(PeerTls tls) {
        return List.of(
                "--tlsverify", "--tlscacert", tls.authority(), "--tlscert", tls.certificate(), "--tlskey", tls.key());
    }

    /** Everything that it prints. */
    private String docker(int port, List<String> options) throws IOException, InterruptedException {
        return docker(port, options, ".Server.Version");
    }

    private String docker(int port, List<String> options, String shown) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(DOCKER.toString(), "--host", "tcp://localhost:" + port));
        command.addAll(options);
        command.addAll(List.of("version", "--format", "{{" + shown + "}}"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("DOCKER_"));
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static void assertRefused(String output) {
        assertTrue(!output.contains("7.7.7"), output);
        assertTrue(output.matches("(?s).*(certificate|HTTP|handshake|EOF|reset).*"), output);
    }
}
