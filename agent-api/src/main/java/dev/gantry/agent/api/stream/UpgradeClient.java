package dev.gantry.agent.api.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.io.IOException;
import java.util.Map;

/** Opens streams: one connection for each, with a request for an upgrade as its first and only HTTP message. */
public final class UpgradeClient {
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int MAX_REFUSAL = 1024 * 1024;

    private final NetClient plain;
    private final NetClient encrypted;

    /** @param tls null when no target is reached over TLS */
    public UpgradeClient(Vertx vertx, PeerTls tls) {
        plain = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MILLIS));
        encrypted = tls == null
                ? null
                : vertx.createNetClient(tls.applyTo(new NetClientOptions()
                        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                        .setSsl(true)
                        .setHostnameVerificationAlgorithm("HTTPS")));
    }

    /**
     * Sends {@code request} and waits for the head of the answer. Fails with {@link UpgradeRefused} when the answer is
     * an ordinary one, and with an {@link IOException} when the target cannot be reached.
     *
     * @param context whose event loop the connection uses: that of the connection it will be joined with
     */
    Future<Upgraded> open(Context context, Target target, UpgradeRequest request) {
        Promise<Upgraded> result = Promise.promise();
        context.runOnContext(ignored -> connect(target)
                .onFailure(failure -> result.fail(new IOException(target.unreachable(failure), failure)))
                .onSuccess(socket -> send(
                        ((NetSocketInternal) socket).channelHandlerContext().channel(), target, request, result)));
        return result.future();
    }

    private Future<NetSocket> connect(Target target) {
        if (!target.tls()) {
            return plain.connect(target.address());
        }
        return encrypted == null
                ? Future.failedFuture("no certificates are configured for TLS to " + target.host())
                : encrypted.connect(target.address(), target.host());
    }

    private static void send(Channel channel, Target target, UpgradeRequest request, Promise<Upgraded> result) {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        HeldBytes held = new HeldBytes();
        channel.pipeline()
                .addBefore(HeldBytes.VERTX, "gantry-codec", new HttpClientCodec())
                .addBefore(HeldBytes.VERTX, "gantry-answer", new Answer(held, result));
        channel.writeAndFlush(wire(target, request)).addListener(sent -> {
            if (!sent.isSuccess()) {
                result.tryFail(sent.cause());
                channel.close();
            }
        });
    }

    private static DefaultFullHttpRequest wire(Target target, UpgradeRequest request) {
        ByteBuf body = request.body().length() == 0
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(request.body().getBytes());
        DefaultFullHttpRequest wire = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(request.method().name()), request.uri(), body);
        HttpHeaders headers = wire.headers();
        for (Map.Entry<String, String> header : request.headers()) {
            headers.add(header.getKey(), header.getValue());
        }
        headers.set(HttpHeaderNames.HOST, target.host());
        headers.set(HttpHeaderNames.CONNECTION, "Upgrade");
        headers.set(HttpHeaderNames.UPGRADE, request.protocol());
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return wire;
    }

    /** Reads the head of the answer, and the body of a refusal. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final HeldBytes held;
        private final Promise<Upgraded> result;
        private final Buffer body = Buffer.buffer();
        private HttpResponse refusal;
        private boolean upgraded;

        Answer(HeldBytes held, Promise<Upgraded> result) {
            this.held = held;
            this.result = result;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (upgraded) {
                ReferenceCountUtil.release(message);
            } else if (message instanceof HttpResponse response && isUpgrade(response)) {
                upgrade(ctx, response);
            } else {
                refused(ctx, message);
            }
        }

        private static boolean isUpgrade(HttpResponse response) {
            int status = response.status().code();
            boolean open = !HttpUtil.isContentLengthSet(response) && !HttpUtil.isTransferEncodingChunked(response);
            return status == 101 || status == 200 && open;
        }

        private void upgrade(ChannelHandlerContext ctx, HttpResponse response) {
            upgraded = true;
            ctx.pipeline().addAfter(ctx.name(), HeldBytes.NAME, held);
            ctx.pipeline().remove(this);
            held.becomeRaw();
            if (!result.tryComplete(new Upgraded(response.status().code(), copy(response), held))) {
                ctx.close();
            }
        }

        private void refused(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpResponse response) {
                refusal = response;
            }
            if (message instanceof HttpContent content) {
                if (body.length() < MAX_REFUSAL) {
                    body.appendBytes(io.netty.buffer.ByteBufUtil.getBytes(content.content()));
                }
                if (content instanceof LastHttpContent) {
                    result.tryFail(new UpgradeRefused(refusal.status().code(), copy(refusal), body));
                    ctx.close();
                }
            }
            ReferenceCountUtil.release(message);
        }

        private static MultiMap copy(HttpResponse response) {
            MultiMap copy = MultiMap.caseInsensitiveMultiMap();
            response.headers().forEach(header -> copy.add(header.getKey(), header.getValue()));
            return copy;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {}

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (HalfClose.isInputEnd(event)) {
                ctx.close();
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            result.tryFail(new IOException("the connection closed before an answer came"));
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            result.tryFail(cause);
            ctx.close();
        }
    }
}
