package dev.gantry.agent.api.stream;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Serves a client's attach or exec from another process: asks that process for a stream, upgrades the client's
 * connection with the same answer, and joins the two.
 */
public final class StreamProxy {
    private static final List<String> HOP_HEADERS =
            List.of("Connection", "Upgrade", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Host");

    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

    /** What a request for a stream may say; most say nothing. */
    private static final int LARGEST_BODY = 64 << 10;

    private static final Duration BODY_PATIENCE = Duration.ofSeconds(60);

    private final UpgradeClient upstream;

    /** @param tls null when no target is reached over TLS */
    public StreamProxy(Vertx vertx, PeerTls tls) {
        this.upstream = new UpgradeClient(vertx, tls);
    }

    /**
     * Upgrades {@code client} and joins it with a stream of {@code target}. The future completes when the stream has
     * ended. It fails, with {@code client} not answered yet, with {@link UpgradeRefused} when the target answered in the
     * ordinary way, or with another exception when it could not be reached.
     *
     * @param contentType makes the client's {@code Content-Type} from the target's (which may be null)
     * @param life of the target: a stream whose target is lost is given up, and its client told
     */
    public Future<Void> serve(
            HttpServerRequest client,
            Target target,
            UpgradeRequest request,
            UnaryOperator<String> contentType,
            ServerLife life) {
        return serve(client, target, request, life, (hijack, stream) -> {
            String type = stream.headers().get("Content-Type");
            return hijack.accept(contentType.apply(type))
                    .compose(accepted -> join(hijack, stream, life, new BrokenStream(MULTIPLEXED.equals(type))));
        });
    }

    /**
     * As above, of a client that asked for a websocket, which {@link WebSocketHandshake#check} has found in order: what is
     * in the target's stream, multiplexed or not, comes in frames of its own.
     *
     * @param binary kind of the frames that the client is sent
     */
    public Future<Void> serveWebSocket(
            HttpServerRequest client, Target target, UpgradeRequest request, boolean binary, ServerLife life) {
        String accept = WebSocketHandshake.accept(client.headers());
        return serve(client, target, request, life, (hijack, stream) -> hijack.acceptWebSocket(accept)
                .compose(accepted -> {
                    boolean multiplexed = MULTIPLEXED.equals(stream.headers().get("Content-Type"));
                    Splice splice = Splice.of(
                            hijack.channel(),
                            stream.channel(),
                            life,
                            new BrokenStream(multiplexed),
                            WebSocketFrames.END);
                    WebSocketFrames frames = new WebSocketFrames(binary);
                    if (multiplexed) {
                        hijack.handTo(frames, new Demultiplexer(), splice.clientHandler());
                    } else {
                        hijack.handTo(frames, splice.clientHandler());
                    }
                    stream.handTo(splice.serverHandler());
                    return splice.done();
                }));
    }

    private Future<Void> serve(
            HttpServerRequest client,
            Target target,
            UpgradeRequest request,
            ServerLife life,
            BiFunction<Hijack, Upgraded, Future<Void>> join) {
        Hijack hijack = Hijack.hold(client);
        Context context = ((ConnectionBase) client.connection()).getContext();
        Promise<Upgraded> opened = Promise.promise();
        upstream.open(context, target, request).onFailure(opened::tryFail).onSuccess(stream -> {
            if (!opened.tryComplete(stream)) {
                stream.channel().close();
            }
        });
        life.lost().onFailure(failure -> {
            if (!opened.tryFail(failure)) {
                opened.future().onSuccess(stream -> stream.channel().close());
            }
        });
        return opened.future().compose(stream -> join.apply(hijack, stream)
                .onFailure(gone -> stream.channel().close()));
    }

    private static Future<Void> join(Hijack hijack, Upgraded stream, ServerLife life, BrokenStream broken) {
        Splice splice = Splice.of(hijack.channel(), stream.channel(), life, broken);
        hijack.handTo(splice.clientHandler());
        stream.handTo(splice.serverHandler());
        return splice.done();
    }

    /**
     * As {@link #serve}, with the client's own method, headers and body, and with a refusal passed on to the client as
     * it is, as is one of a body that is too long or does not come. Fails, with the client not answered, only when the
     * target could not be reached.
     *
     * @param uri path and query at the target
     */
    public Future<Void> forward(HttpServerRequest client, Target target, String uri) {
        Hijack.hold(client);
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(client.headers());
        boolean webSocket = WebSocketHandshake.isAsked(headers);
        HOP_HEADERS.forEach(headers::remove);
        Promise<Void> result = Promise.promise();
        body(client)
                .map(body -> new UpgradeRequest(
                        client.method(),
                        uri,
                        headers,
                        body,
                        webSocket ? WebSocketHandshake.PROTOCOL : UpgradeRequest.TCP))
                .compose(request -> webSocket
                        ? passWebSocket(client, target, request)
                        : serve(client, target, request, UnaryOperator.identity(), ServerLife.UNKNOWN))
                .onSuccess(result::complete)
                .onFailure(failure -> {
                    if (failure instanceof UpgradeRefused refused) {
                        answer(client.response(), refused).onComplete(result);
                    } else {
                        result.fail(failure);
                    }
                });
        return result.future();
    }

    /** Its frames go through as they are. */
    private Future<Void> passWebSocket(HttpServerRequest client, Target target, UpgradeRequest request) {
        return serve(client, target, request, ServerLife.UNKNOWN, (hijack, stream) -> hijack.acceptWebSocket(
                        String.valueOf(stream.headers().get(WebSocketHandshake.ACCEPT)))
                .compose(accepted -> join(hijack, stream, ServerLife.UNKNOWN, new BrokenStream(false))));
    }

    /** Fails with {@link UpgradeRefused} when it is longer than it may be or does not come. */
    private static Future<Buffer> body(HttpServerRequest client) {
        return WholeBody.read(
                        client,
                        LARGEST_BODY,
                        () -> UpgradeRefused.inWords(413, "request body larger than " + LARGEST_BODY + " bytes"),
                        BODY_PATIENCE)
                .recover(failure -> Future.failedFuture(
                        failure instanceof TimeoutException
                                ? UpgradeRefused.inWords(408, "the request's body did not come in time")
                                : failure));
    }

    private static Future<Void> answer(HttpServerResponse response, UpgradeRefused refused) {
        HOP_HEADERS.forEach(refused.headers()::remove);
        response.setStatusCode(refused.status());
        response.headers().setAll(refused.headers());
        Buffer body = refused.body();
        return body.length() == 0 ? response.end() : response.end(body);
    }
}
