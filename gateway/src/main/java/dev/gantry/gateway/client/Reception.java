package dev.gantry.gateway.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Closes a connection whose request does not come: one that was opened and stays silent, or whose request has begun and
 * is not whole in time. Between requests a connection may be idle for ever, and so may whoever waits for an answer;
 * requests that carry a stream say so with {@link #takesItsTime} or {@link #endsHere}. Confined to the channel's event loop.
 */
public final class Reception {
    /** As long as dockerd waits for a head. */
    private static final Duration FIRST_BYTE = Duration.ofMinutes(5);

    private static final Duration WHOLE_REQUEST = Duration.ofMinutes(1);
    private static final String FIRST = "gantry-first-byte";
    private static final String LAST = "gantry-last-byte";
    private static final Logger LOG = Logger.getLogger(Reception.class);
    private static final AttributeKey<Reception> KEY = AttributeKey.valueOf(Reception.class, "reception");

    private final Channel channel;
    private final Duration wholeRequest;
    private ScheduledFuture<?> end;
    private boolean receiving;
    private boolean unlimited;

    private Reception(Channel channel, Duration wholeRequest) {
        this.channel = channel;
        this.wholeRequest = wholeRequest;
    }

    /** @param decoder name of what makes HTTP messages of the bytes */
    public static void watch(Channel channel, String decoder) {
        watch(channel, decoder, FIRST_BYTE, WHOLE_REQUEST);
    }

    static void watch(Channel channel, String decoder, Duration firstByte, Duration wholeRequest) {
        Reception reception = new Reception(channel, wholeRequest);
        channel.attr(KEY).set(reception);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addBefore(decoder, FIRST, reception.new Bytes());
        pipeline.addAfter(decoder, LAST, reception.new Messages());
        reception.limit(firstByte);
    }

    /** The request that is being received may take any time: it carries an archive. */
    public static void takesItsTime(HttpConnection connection) {
        takesItsTime(Client.channel(connection));
    }

    static void takesItsTime(Channel channel) {
        Reception reception = channel.attr(KEY).get();
        if (reception != null) {
            reception.arrived();
            reception.unlimited = true;
        }
    }

    /** What comes behind this request may be no request: a stream may be silent for days. */
    public static void endsHere(HttpConnection connection) {
        endsHere(Client.channel(connection));
    }

    static void endsHere(Channel channel) {
        Reception reception = channel.attr(KEY).getAndSet(null);
        if (reception != null) {
            reception.arrived();
            channel.pipeline().remove(FIRST);
            channel.pipeline().remove(LAST);
        }
    }

    private void limit(Duration limit) {
        end = channel.eventLoop().schedule(this::late, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void late() {
        LOG.infof("a connection was closed: its request did not come in time");
        channel.close();
    }

    private void arrived() {
        receiving = false;
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    /** Sees that something comes. Most requests are whole in what is read at once, and no timer is set for them. */
    private final class Bytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            boolean begins = !receiving;
            if (begins) {
                arrived();
                receiving = true;
            }
            ctx.fireChannelRead(bytes);
            if (begins && receiving && !unlimited && !ctx.isRemoved() && channel.isOpen()) {
                limit(wholeRequest);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            arrived();
            ctx.fireChannelInactive();
        }
    }

    /** Sees that a request is whole. */
    private final class Messages extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof LastHttpContent) {
                arrived();
                unlimited = false;
            }
            ctx.fireChannelRead(message);
        }
    }
}
