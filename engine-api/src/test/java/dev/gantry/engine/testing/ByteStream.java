package dev.gantry.engine.testing;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;

/** Bytes as they would come from a host; asked for before they come. */
final class ByteStream implements ReadStream<Buffer> {
    private final byte[] bytes;
    private final int chunk;
    private final boolean breaks;
    private int at;
    private long wanted;
    private boolean emitting;
    private boolean over;
    private Handler<Buffer> handler = buffer -> {};
    private Handler<Void> end = nothing -> {};
    private Handler<Throwable> failed = failure -> {};

    /** @param breaks whether it fails after the last byte */
    ByteStream(byte[] bytes, int chunk, boolean breaks) {
        this.bytes = bytes;
        this.chunk = chunk;
        this.breaks = breaks;
    }

    @Override
    public synchronized ReadStream<Buffer> fetch(long amount) {
        wanted = amount == Long.MAX_VALUE ? amount : wanted + amount;
        if (emitting) {
            return this;
        }
        emitting = true;
        while (wanted > 0 && at < bytes.length) {
            wanted -= wanted == Long.MAX_VALUE ? 0 : 1;
            int count = Math.min(chunk, bytes.length - at);
            Buffer next = Buffer.buffer(count).appendBytes(bytes, at, count);
            at += count;
            handler.handle(next);
        }
        emitting = false;
        if (at == bytes.length && !over) {
            over = true;
            if (breaks) {
                failed.handle(new IOException("it broke off"));
            } else {
                end.handle(null);
            }
        }
        return this;
    }

    @Override
    public synchronized ReadStream<Buffer> pause() {
        wanted = 0;
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public synchronized ReadStream<Buffer> handler(Handler<Buffer> next) {
        handler = next == null ? buffer -> {} : next;
        return this;
    }

    @Override
    public synchronized ReadStream<Buffer> endHandler(Handler<Void> next) {
        end = next == null ? nothing -> {} : next;
        return this;
    }

    @Override
    public synchronized ReadStream<Buffer> exceptionHandler(Handler<Throwable> next) {
        failed = next == null ? failure -> {} : next;
        return this;
    }
}
