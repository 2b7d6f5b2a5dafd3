package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Takes a client's connection away from HTTP, as Docker does for attach and exec. Vert.x offers {@code toNetSocket()},
 * but refuses it for POST, so this works on the Netty channel: unix socket, TCP or TLS, HTTP/1 only.
 *
 * <p>{@link #hold} marks the request as one that may be upgraded. Call it where the request arrives, before anything is
 * awaited: from then on bytes behind the request's body are kept instead of being parsed as another request. The request
 * can still be answered in the ordinary way; the connection then closes behind the answer. {@link #accept} sends the
 * head of the upgraded answer, {@link #handTo} gives the bytes to their handler.
 *
 * <p>All methods may be called from any thread.
 */
public final class Hijack {
    private static final AttributeKey<Hijack> KEY = AttributeKey.valueOf(Hijack.class, "hijack");
    private static final String DEFAULT_CONTENT_TYPE = "application/vnd.docker.raw-stream";

    /** Headers that describe the body or the connection, which the literal head states itself. */
    private static final Set<String> OWN_HEADERS =
            Set.of("content-type", "content-length", "transfer-encoding", "connection", "upgrade", "keep-alive");

    private final HttpServerRequest request;
    private final Channel channel;
    private final HeldBytes held = new HeldBytes();
    private final AtomicBoolean accepted = new AtomicBoolean();

    private Hijack(HttpServerRequest request, Channel channel) {
        this.request = request;
        this.channel = channel;
    }

    /**
     * Prepares a request for an upgrade; a second call for the same connection returns the first result.
     *
     * @param request as Vert.x or Quarkus gave it; wrappers are fine
     * @throws IllegalArgumentException for HTTP/2, which has no upgrades
     */
    public static Hijack hold(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            throw new IllegalArgumentException("streams need HTTP/1.1");
        }
        Channel channel = ((ConnectionBase) request.connection()).channel();
        Hijack mine = new Hijack(request, channel);
        Hijack earlier = channel.attr(KEY).setIfAbsent(mine);
        if (earlier != null) {
            return earlier;
        }
        mine.onLoop(mine::install);
        return mine;
    }

    private void install() {
        if (channel.pipeline().get(HeldBytes.VERTX) == null) {
            return;
        }
        // Before the peer can have shut its sending side: the default would close the whole connection then.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addBefore(HeldBytes.VERTX, HeldBytes.NAME, held);
        if (request.isEnded()) {
            held.stopDecoding();
        }
    }

    /** Whether the client asked for {@code 101 UPGRADED}; otherwise it expects a bare {@code 200} and raw bytes. */
    public boolean asksForUpgrade() {
        return request.getHeader(HttpHeaders.UPGRADE) != null;
    }

    /**
     * Answers {@code 101 UPGRADED}, or {@code 200} without a length when the client asked for no upgrade, with the
     * headers set on the request's response so far. Fails when the client is gone or was answered already.
     *
     * @param contentType of the stream; null for Docker's raw stream, which any stream without an upgrade is called
     */
    public Future<Void> accept(String contentType) {
        return answer(() -> head(contentType));
    }

    /**
     * Answers that it is a websocket from here on.
     *
     * @param accept the answer to the client's key
     */
    Future<Void> acceptWebSocket(String accept) {
        return answer(() -> webSocketHead(accept));
    }

    private Future<Void> answer(Supplier<ByteBuf> head) {
        Promise<Void> result = Promise.promise();
        onLoop(() -> {
            if (!channel.isActive() || held.context() == null) {
                result.fail("the client has gone");
            } else if (request.response().headWritten() || !accepted.compareAndSet(false, true)) {
                result.fail("the request was answered already");
            } else {
                held.becomeRaw();
                stripHttp();
                held.context().writeAndFlush(head.get()).addListener(written -> {
                    if (written.isSuccess()) {
                        result.complete();
                    } else {
                        result.fail(written.cause());
                    }
                });
            }
        });
        return result.future();
    }

    /** Everything but encryption and Vert.x' own handler goes, the idle timer too: streams may be silent for days. */
    private void stripHttp() {
        for (Map.Entry<String, ChannelHandler> entry :
                channel.pipeline().toMap().entrySet()) {
            boolean stays = entry.getValue() == held
                    || entry.getValue() instanceof SslHandler
                    || entry.getKey().equals(HeldBytes.VERTX);
            if (!stays) {
                channel.pipeline().remove(entry.getValue());
            }
        }
        channel.pipeline().addBefore(HeldBytes.VERTX, null, new NoMoreHttp());
    }

    /** Drops what the HTTP layer still writes: the empty answer of a resource method that returned. */
    private static final class NoMoreHttp extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof HttpObject) {
                ReferenceCountUtil.release(message);
                promise.trySuccess();
            } else {
                ctx.write(message, promise);
            }
        }
    }

    private ByteBuf head(String contentType) {
        StringBuilder head = new StringBuilder(256);
        head.append(asksForUpgrade() ? "HTTP/1.1 101 UPGRADED" : "HTTP/1.1 200 OK");
        boolean named = contentType != null && asksForUpgrade();
        head.append("\r\nContent-Type: ").append(named ? contentType : DEFAULT_CONTENT_TYPE);
        if (asksForUpgrade()) {
            head.append("\r\nConnection: Upgrade\r\nUpgrade: tcp");
        }
        return withOthers(head);
    }

    private ByteBuf webSocketHead(String accept) {
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
                .append(WebSocketHandshake.ACCEPT + ": ")
                .append(accept);
        String protocol = request.getHeader(WebSocketHandshake.SUBPROTOCOL);
        if (protocol != null) {
            head.append("\r\n" + WebSocketHandshake.SUBPROTOCOL + ": ").append(protocol);
        }
        return withOthers(head);
    }

    private ByteBuf withOthers(StringBuilder head) {
        for (Map.Entry<String, String> header : request.response().headers()) {
            if (!OWN_HEADERS.contains(header.getKey().toLowerCase(java.util.Locale.ROOT))) {
                head.append("\r\n").append(header.getKey()).append(": ").append(header.getValue());
            }
        }
        return ByteBufUtil.writeUtf8(channel.alloc(), head.append("\r\n\r\n"));
    }

    /** Gives the accepted connection's bytes to the handlers, those that came early first. Once only. */
    public void handTo(ChannelHandler... handlers) {
        onLoop(() -> held.handTo(handlers));
    }

    /** The client's connection; its {@code closeFuture} tells when it is gone. */
    public Channel channel() {
        return channel;
    }

    /** The request, so that it can be answered in the ordinary way instead. */
    public HttpServerRequest request() {
        return request;
    }

    private void onLoop(Runnable action) {
        if (channel.eventLoop().inEventLoop()) {
            action.run();
        } else {
            channel.eventLoop().execute(action);
        }
    }
}
