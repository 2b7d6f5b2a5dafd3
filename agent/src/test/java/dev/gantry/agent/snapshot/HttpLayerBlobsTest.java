package dev.gantry.agent.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpLayerBlobsTest {
    @TempDir
    Path temporary;

    Vertx vertx;
    HttpLayerBlobs blobs;
    byte[] content = new byte[5_000_000];
    String base;

    @BeforeEach
    void serve() throws Exception {
        new Random(1).nextBytes(content);
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        blobs = new HttpLayerBlobs(vertx, Optional.empty());
        Path socket = temporary.resolve("s.sock");
        vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        base = "unix://" + socket + ":";
    }

    private void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/good" -> request.response().end(Buffer.buffer(content));
            case "/cut" -> {
                request.response().putHeader("Content-Length", "1000").write(Buffer.buffer("half"));
                vertx.setTimer(50, timer -> request.connection().close());
            }
            default -> request.response().setStatusCode(404).end();
        }
    }

    @AfterEach
    void stop() {
        vertx.close();
    }

    @Test
    void content_comes_whole_through_a_unix_socket() throws IOException {
        try (InputStream in = open(base + "/good")) {
            assertArrayEquals(content, in.readAllBytes());
        }
    }

    @Test
    void connection_is_given_up_when_the_reader_is() throws IOException {
        for (int i = 0; i < 40; i++) {
            try (InputStream in = open(base + "/good")) {
                assertEquals(content[0], (byte) in.read());
            }
        }
    }

    @Test
    void failures_are_told() {
        assertThrows(IOException.class, () -> read(base + "/missing"));
        assertThrows(IOException.class, () -> read(base + "/cut"));
        assertThrows(IOException.class, () -> read("unix:///nowhere.sock:/x"));
        assertThrows(IOException.class, () -> read("http://127.0.0.1:1/x"));
    }

    @Test
    void sources_of_other_kinds_are_refused() {
        for (String source : new String[] {"file:///etc/passwd", "ftp://x/y", "unix://", "unix:///a.sock", "", null}) {
            assertThrows(AgentFailure.class, () -> HttpLayerBlobs.target(source), source);
        }
    }

    @Test
    void unix_source_is_split_at_the_path() {
        var target = HttpLayerBlobs.target("unix:///run/gantry/internal.sock:/internal/content/sha256:ab?x=y:/z");

        assertEquals("/run/gantry/internal.sock", target.getServer().path());
        assertEquals("/internal/content/sha256:ab?x=y:/z", target.getURI());
    }

    private void read(String source) throws IOException {
        try (InputStream in = open(source)) {
            in.readAllBytes();
        }
    }

    private InputStream open(String source) throws IOException {
        return blobs.open(new ContainerSpec.Layer("", "", "", "", 0, source));
    }
}
