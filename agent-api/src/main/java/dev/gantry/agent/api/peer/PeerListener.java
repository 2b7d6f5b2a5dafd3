package dev.gantry.agent.api.peer;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.stream.PeerTls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

/** A TCP server for peers only: the handshake fails for everybody without a certificate of our authority. */
public final class PeerListener implements AutoCloseable {
    private static final int LONGEST_LINE = 64 << 10;

    private final HttpServer server;

    private PeerListener(HttpServer server) {
        this.server = server;
    }

    /**
     * Listens, and returns when it does.
     *
     * @param setting for messages
     * @param address {@code host:port}; port 0 takes a free one
     * @param handler gets each request with the peer that made it
     * @throws RefusedStart when the address is none, or cannot be listened on
     */
    public static PeerListener open(
            Vertx vertx, String setting, String address, PeerTls tls, BiConsumer<Peer, HttpServerRequest> handler) {
        HttpServerOptions options = tls.server()
                .setMaxInitialLineLength(LONGEST_LINE)
                .setMaxHeaderSize(LONGEST_LINE)
                .setIdleTimeout(0);
        try {
            return new PeerListener(vertx.createHttpServer(options)
                    .requestHandler(request -> handler.accept(Peer.of(request), request))
                    .listen(parse(setting, address))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join());
        } catch (CompletionException e) {
            throw new RefusedStart(setting + "=" + address + ": " + e.getCause().getMessage());
        }
    }

    private static SocketAddress parse(String setting, String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new RefusedStart(setting + " is not host:port: " + address);
        }
        return SocketAddress.inetSocketAddress(
                Integer.parseInt(port), address.substring(0, colon).replaceAll("[\\[\\]]", ""));
    }

    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
