package dev.gantry.agent.api.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.testing.Certificates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.SocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StreamProxyTest {
    private static final int BULK = 100 * 1024 * 1024;

    @TempDir
    Path directory;

    private Vertx vertx;
    private Path agent;
    private Path service;
    private int tlsPort;
    private String target;
    private PeerTls tls;
    private final BlockingQueue<Hijack> upgraded = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        agent = directory.resolve("agent.sock");
        service = directory.resolve("service.sock");
        target = "unix://" + agent;
        vertx.createHttpServer()
                .requestHandler(this::agent)
                .listen(SocketAddress.domainSocketAddress(agent.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        vertx.createHttpServer()
                .requestHandler(this::service)
                .listen(SocketAddress.domainSocketAddress(service.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        Path keys = selfSigned();
        tlsPort = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                                new PfxOptions().setPath(keys.toString()).setPassword("changeit")))
                .requestHandler(this::service)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private Path selfSigned() throws Exception {
        Path keys = directory.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        int exit = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        keys.toString())
                .inheritIO()
                .start()
                .waitFor();
        assertEquals(0, exit);
        return keys;
    }

    private void agent(HttpServerRequest request) {
        if (request.path().endsWith("/refused")) {
            request.response().setStatusCode(404).putHeader("X-Why", "gone").end("no such container");
            return;
        }
        Hijack hijack = Hijack.hold(request);
        request.body()
                .compose(body -> hijack.accept("application/vnd.docker.multiplexed-stream"))
                .onSuccess(accepted -> {
                    if (request.path().endsWith("/echo")) {
                        hijack.handTo(new Echo());
                    } else {
                        upgraded.add(hijack);
                    }
                });
    }

    private void service(HttpServerRequest request) {
        request.response().putHeader("Api-Version", "1.51");
        if (request.path().endsWith("/dying")) {
            new StreamProxy(vertx, tls)
                    .serve(
                            request,
                            Target.parse(target),
                            UpgradeRequest.post(request.uri(), Buffer.buffer()),
                            UnaryOperator.identity(),
                            new Dying());
            return;
        }
        new StreamProxy(vertx, tls)
                .forward(request, Target.parse(target), request.uri())
                .onFailure(e -> request.response().setStatusCode(503).end(e.getMessage()));
    }

    /** A server that is not there any more when it is asked about. */
    private static final class Dying implements ServerLife {
        @Override
        public Future<?> lost() {
            return Promise.promise().future();
        }

        @Override
        public Future<?> asked() {
            return Future.failedFuture("connection refused");
        }
    }

    /** Sends everything back, then the end. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.writeAndFlush(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event)) {
                HalfClose.shutdownOutput(ctx.channel()).addListener(done -> ctx.close());
            }
        }
    }

    /** Puts what it gets into a digest, slowly if told; completes at the end. */
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final MessageDigest digest = sha256();
        private final CompletableFuture<byte[]> end = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ByteBuf buffer = (ByteBuf) bytes;
            digest.update(buffer.nioBuffer());
            buffer.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event)) {
                end.complete(digest.digest());
            }
        }
    }

    private record Connection(InputStream in, OutputStream out, AutoCloseable shutdown, AutoCloseable close) {
        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        String head() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
                int next = in.read();
                assertTrue(next >= 0, () -> "ended after " + head);
                head.write(next);
            }
            return head.toString(StandardCharsets.UTF_8);
        }
    }

    private Connection unix() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(service));
        return new Connection(
                Channels.newInputStream(channel), Channels.newOutputStream(channel), channel::shutdownOutput, channel);
    }

    private Connection tls() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), tlsPort);
        return new Connection(socket.getInputStream(), socket.getOutputStream(), socket::shutdownOutput, socket);
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static String request(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] block(int seed) {
        byte[] block = new byte[1 << 20];
        new Random(seed).nextBytes(block);
        return block;
    }

    private static byte[] bulkDigest(byte[] block) {
        MessageDigest digest = sha256();
        for (int sent = 0; sent < BULK; sent += block.length) {
            digest.update(block);
        }
        return digest.digest();
    }

    @Test
    void head_is_written_literally_with_the_headers_of_the_response() throws Exception {
        Connection client = unix();

        client.send(request("/v1.51/echo", ""));

        String head = client.head();
        assertTrue(
                head.startsWith("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
                        + "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
        assertTrue(head.contains("\r\nApi-Version: 1.51\r\n"));
    }

    @Test
    void client_without_upgrade_header_gets_a_bare_200() throws Exception {
        Connection client = unix();

        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

        assertTrue(client.head().startsWith("HTTP/1.1 200 OK\r\nContent-Type: "));
        client.send("hello");
        client.shutdown().close();
        assertEquals("hello", new String(client.in().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void bytes_sent_together_with_the_request_arrive() throws Exception {
        for (String body : new String[] {"", "{\"Detach\":false}"}) {
            Connection client = unix();

            client.send(request("/echo", body) + "GET /early HTTP/1.1\r\n\r\n");
            client.shutdown().close();

            client.head();
            assertEquals("GET /early HTTP/1.1\r\n\r\n", new String(client.in().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void refusal_is_passed_on_and_the_connection_closes() throws Exception {
        Connection client = unix();

        client.send(request("/refused", ""));

        String all = new String(client.in().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(all.startsWith("HTTP/1.1 404 Not Found\r\n"), all);
        assertTrue(all.toLowerCase(java.util.Locale.ROOT).contains("x-why: gone"), all);
        assertTrue(all.endsWith("\r\n\r\nno such container"), all);
    }

    @Test
    void body_that_is_too_long_is_refused_in_words() throws Exception {
        Connection client = unix();

        client.send(request("/echo", "x".repeat(65_537)));

        String all = new String(client.in().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(all.startsWith("HTTP/1.1 413 "), all);
        assertTrue(all.endsWith("\r\n\r\n{\"message\":\"request body larger than 65536 bytes\"}"), all);
    }

    @Test
    void unreachable_target_is_an_ordinary_error() throws Exception {
        Connection client = unix();
        java.nio.file.Files.delete(agent);

        client.send(request("/echo", ""));

        assertTrue(client.head().startsWith("HTTP/1.1 503 "));
    }

    @Test
    void hundred_megabytes_each_way_are_intact_over_a_unix_socket() throws Exception {
        bulkEcho(unix(), 0);
    }

    @Test
    void hundred_megabytes_each_way_are_intact_over_tls() throws Exception {
        bulkEcho(tls(), 0);
    }

    @Test
    void hundred_megabytes_each_way_are_intact_to_an_agent_over_mutual_tls() throws Exception {
        Certificates ours = new Certificates(directory, "ours");
        int port = vertx.createHttpServer(ours.issue("host").server())
                .requestHandler(this::agent)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
        target = "https://localhost:" + port;
        tls = ours.issue("service");

        bulkEcho(unix(), 0);
    }

    @Test
    void slow_reader_makes_the_writer_wait_in_bounded_memory() throws Exception {
        long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();

        bulkEcho(unix(), 5);

        long after = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        assertTrue(after - before < 64L << 20, () -> (after - before) + " bytes of buffers");
    }

    private static void bulkEcho(Connection client, int pauseEvery) throws Exception {
        byte[] block = block(1);
        client.send(request("/echo", ""));
        client.head();
        long start = System.nanoTime();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                for (int sent = 0; sent < BULK; sent += block.length) {
                    client.out().write(block);
                }
                client.out().flush();
                client.shutdown().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        MessageDigest digest = sha256();
        byte[] buffer = new byte[256 * 1024];
        long total = 0;
        int reads = 0;
        for (int n = client.in().read(buffer); n >= 0; n = client.in().read(buffer)) {
            digest.update(buffer, 0, n);
            total += n;
            if (pauseEvery > 0 && ++reads % pauseEvery == 0) {
                Thread.sleep(5);
            }
        }
        writer.join();
        assertEquals(BULK, total);
        assertArrayEquals(bulkDigest(block), digest.digest());
        System.getLogger("bench")
                .log(System.Logger.Level.INFO, "both ways: {0} ms", (System.nanoTime() - start) / 1_000_000);
    }

    @Test
    void server_may_end_first_and_still_read() throws Exception {
        Connection client = unix();
        client.send(request("/sink", ""));
        client.head();
        Hijack hijack = upgraded.poll(5, TimeUnit.SECONDS);
        Sink sink = new Sink();
        hijack.handTo(sink);
        byte[] block = block(2);

        hijack.channel()
                .eventLoop()
                .submit(() -> HalfClose.shutdownOutput(hijack.channel()))
                .get();
        assertEquals(-1, client.in().read());
        for (int sent = 0; sent < BULK; sent += block.length) {
            client.out().write(block);
        }
        client.shutdown().close();

        assertArrayEquals(bulkDigest(block), sink.end.get(20, TimeUnit.SECONDS));
    }

    @Test
    void server_that_closes_ends_a_client_that_stays() throws Exception {
        Connection client = unix();
        client.send(request("/sink", ""));
        client.head();
        Hijack hijack = upgraded.poll(5, TimeUnit.SECONDS);
        hijack.handTo(new Sink());

        hijack.channel().writeAndFlush(Buffer.buffer("bye").getByteBuf()).addListener(sent -> hijack.channel()
                .close());

        assertEquals("bye", new String(client.in().readAllBytes(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void client_of_a_server_that_died_is_told(boolean halfClosed) throws Exception {
        Connection client = unix();
        client.send(request("/dying", ""));
        client.head();
        Hijack hijack = upgraded.poll(5, TimeUnit.SECONDS);
        hijack.handTo(new Sink());
        String frame = "\1\0\0\0\0\0\0\3bye";

        hijack.channel().writeAndFlush(Buffer.buffer(frame).getByteBuf()).addListener(sent -> {
            if (halfClosed) {
                HalfClose.shutdownOutput(hijack.channel());
            } else {
                hijack.channel().close();
            }
        });

        assertEquals(
                frame + "\3\0\0\0\0\0\0" + (char) BrokenStream.WORDS.length() + BrokenStream.WORDS,
                new String(client.in().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void client_that_leaves_abruptly_ends_the_server_side() throws Exception {
        Connection client = unix();
        client.send(request("/sink", ""));
        client.head();
        Hijack hijack = upgraded.poll(5, TimeUnit.SECONDS);
        hijack.handTo(new Sink());

        client.close().close();
        for (int i = 0; i < 100 && hijack.channel().isOpen(); i++) {
            hijack.channel().writeAndFlush(Buffer.buffer("more").getByteBuf());
            Thread.sleep(20);
        }

        assertTrue(!hijack.channel().isOpen());
    }
}
