package dev.gantry.agent.api.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WholeBodyTest {
    private static final int MOST = 8;
    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    Path directory;

    private Vertx vertx;
    private Duration patience = LONG;
    private final CompletableFuture<Buffer> body = new CompletableFuture<>();

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        vertx.createHttpServer()
                .requestHandler(this::read)
                .listen(SocketAddress.domainSocketAddress(socket().toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void body_of_the_allowed_length_is_read_whole() throws Exception {
        try (SocketChannel client = send("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n")) {
            assertEquals("abcdefgh", body.get().toString());
        }
    }

    @Test
    void longer_body_is_refused_before_it_has_ended() throws Exception {
        try (SocketChannel client = send("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n6\r\ndefghi\r\n")) {
            assertEquals(
                    "too long", assertInstanceOf(IOException.class, failure()).getMessage());
        }
    }

    @Test
    void body_that_does_not_come_is_given_up() throws Exception {
        patience = Duration.ofMillis(200);

        try (SocketChannel client = send("Content-Length: 4\r\n\r\nabc")) {
            assertInstanceOf(TimeoutException.class, failure());
        }
    }

    @Test
    void body_of_a_client_that_went_is_given_up() throws Exception {
        send("Content-Length: 4\r\n\r\nabc").close();

        failure();
    }

    private void read(HttpServerRequest request) {
        WholeBody.read(request, MOST, () -> new IOException("too long"), patience)
                .onSuccess(body::complete)
                .onFailure(body::completeExceptionally);
    }

    private Throwable failure() {
        return assertThrows(ExecutionException.class, () -> body.get(LONG.toSeconds(), TimeUnit.SECONDS))
                .getCause();
    }

    private SocketChannel send(String rest) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket()));
        channel.write(ByteBuffer.wrap(("POST / HTTP/1.1\r\nHost: h\r\n" + rest).getBytes(StandardCharsets.UTF_8)));
        return channel;
    }

    private Path socket() {
        return directory.resolve("s.sock");
    }
}
