package dev.gantry.gateway.request;

import dev.gantry.gateway.route.HandedOver;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.streams.impl.InboundBuffer;

/** A request whose body was read and checked, and is given to its owner once more. */
final class CheckedRequest extends HandedOver {
    private static final Object END = new Object();

    private final Buffer body;
    private final InboundBuffer<Object> pending;
    private Handler<Buffer> dataHandler;
    private Handler<Void> endHandler;
    private boolean ended;

    CheckedRequest(HandedOver request, Buffer body) {
        super(request, request.path(), request.query());
        this.body = body;
        this.pending = new InboundBuffer<>((ContextInternal) Vertx.currentContext());
        pending.handler(this::deliver).pause();
        if (body.length() > 0) {
            pending.write(body);
        }
        pending.write(END);
        headers().remove("Transfer-Encoding");
        headers().set("Content-Type", "application/json").set("Content-Length", Integer.toString(body.length()));
    }

    private void deliver(Object item) {
        if (item != END) {
            if (dataHandler != null) {
                dataHandler.handle((Buffer) item);
            }
            return;
        }
        ended = true;
        if (endHandler != null) {
            endHandler.handle(null);
        }
    }

    @Override
    public HttpServerRequest handler(Handler<Buffer> handler) {
        dataHandler = handler;
        return this;
    }

    @Override
    public HttpServerRequest endHandler(Handler<Void> handler) {
        endHandler = handler;
        return this;
    }

    @Override
    public HttpServerRequest pause() {
        pending.pause();
        return this;
    }

    @Override
    public HttpServerRequest resume() {
        pending.resume();
        return this;
    }

    @Override
    public HttpServerRequest fetch(long amount) {
        pending.fetch(amount);
        return this;
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public Future<Buffer> body() {
        return Future.succeededFuture(body);
    }

    @Override
    public HttpServerRequest bodyHandler(Handler<Buffer> handler) {
        handler.handle(body);
        return this;
    }

    @Override
    public Future<Void> end() {
        return Future.succeededFuture();
    }
}
