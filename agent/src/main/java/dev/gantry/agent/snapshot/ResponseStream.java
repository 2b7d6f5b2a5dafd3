package dev.gantry.agent.snapshot;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An HTTP response's body for a thread that blocks. The connection is asked for as many buffers as the reader has taken,
 * so that no more than a window is held in memory.
 */
final class ResponseStream extends InputStream {
    private static final int WINDOW = 64;

    private sealed interface Signal {}

    private record Data(Buffer bytes) implements Signal {}

    private record End() implements Signal {}

    private record Failed(Throwable why) implements Signal {}

    private final String source;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private volatile HttpClientResponse response;
    private volatile boolean closed;
    private Signal last;
    private byte[] current = {};
    private int position;

    /** @param source for messages */
    ResponseStream(String source) {
        this.source = source;
    }

    /** On the response's event loop. */
    void follow(HttpClientResponse followed) {
        followed.pause();
        followed.handler(buffer -> signals.add(new Data(buffer)));
        followed.endHandler(end -> signals.add(new End()));
        followed.exceptionHandler(this::fail);
        response = followed;
        if (closed) {
            followed.request().reset();
        } else {
            followed.fetch(WINDOW);
        }
    }

    void fail(Throwable why) {
        signals.add(new Failed(why));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (position == current.length) {
            if (!(next() instanceof Data data)) {
                return -1;
            }
            current = data.bytes().getBytes();
            position = 0;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, buffer, offset, count);
        position += count;
        return count;
    }

    private Signal next() throws IOException {
        if (last instanceof End) {
            return last;
        }
        try {
            last = signals.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while fetching " + source, e);
        }
        if (last instanceof Failed failed) {
            throw new IOException("fetching " + source + ": " + failed.why().getMessage(), failed.why());
        }
        if (last instanceof Data) {
            response.fetch(1);
        }
        return last;
    }

    /** A body that was not read to its end is cut off with its connection. */
    @Override
    public void close() {
        closed = true;
        HttpClientResponse open = response;
        if (open != null && !(last instanceof End)) {
            open.request().reset();
        }
    }
}
