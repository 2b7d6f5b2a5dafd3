package dev.gantry.agent.api.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.vertx.core.MultiMap;

/** A raw connection to an agent or a service, behind the head of its answer. */
public final class Upgraded {
    private final int status;
    private final MultiMap headers;
    private final HeldBytes held;

    Upgraded(int status, MultiMap headers, HeldBytes held) {
        this.status = status;
        this.headers = headers;
        this.held = held;
    }

    /** 101, or 200 from a server that upgrades silently. */
    public int status() {
        return status;
    }

    public MultiMap headers() {
        return headers;
    }

    public Channel channel() {
        return held.context().channel();
    }

    /** Gives the bytes to their handler, those received with the head first. On the channel's event loop, once. */
    public void handTo(ChannelHandler handler) {
        held.handTo(handler);
    }
}
