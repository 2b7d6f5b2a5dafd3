package dev.gantry.agent.peer;

import dev.gantry.agent.api.peer.Peer;
import dev.gantry.agent.api.peer.PeerListener;
import dev.gantry.agent.api.stream.PeerTls;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The services as an agent on another machine sees them: takes registrations and reports, gives a layer. */
final class ServicesDouble implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final PeerListener listener;
    private final byte[] layer;

    ServicesDouble(PeerTls tls, byte[] layer) {
        this.layer = layer;
        listener = PeerListener.open(vertx, "test", "127.0.0.1:0", tls, this::serve);
    }

    private void serve(Peer peer, HttpServerRequest request) {
        if (request.path().equals("/layer.tar")) {
            calls.add(peer.name() + " GET layer");
            request.response().end(Buffer.buffer(layer));
            return;
        }
        request.bodyHandler(body -> {
            calls.add(peer.name() + " " + request.method() + " " + body);
            boolean register = request.method().name().equals("PUT");
            request.response().setStatusCode(register ? 200 : 204).end(register ? "{\"removed\":[]}" : "");
        });
    }

    String url() {
        return "https://localhost:" + listener.port();
    }

    /** What was called by whom, with the bodies. */
    List<String> calls() {
        return calls;
    }

    @Override
    public void close() {
        listener.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
