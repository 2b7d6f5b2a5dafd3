package dev.gantry.agent.api.stream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The body of an HTTP request or answer for a thread that blocks. The connection is asked for as many buffers as the
 * reader has taken, so that no more than two windows are held in memory, and nothing before it reads. The reader takes all
 * that there is: each wait for the other thread costs more than a buffer does.
 */
public final class BlockingBody extends InputStream {
    private static final int WINDOW = 16;

    /** A window for few and large bodies: some megabytes, so that on a busy machine nobody waits for anybody's turn. */
    public static final int WIDE = 64;

    private sealed interface Signal {}

    private record Data(Buffer bytes) implements Signal {}

    private record End() implements Signal {}

    private record Failed(Throwable why) implements Signal {}

    private final String source;
    private final int window;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    /** Of the reader alone. */
    private final Queue<Signal> taken = new ArrayDeque<>();

    private volatile ReadStream<Buffer> body;
    private volatile Runnable cut;
    private volatile boolean closed;
    private boolean awaited;
    private Signal last;
    private Buffer current = Buffer.buffer();
    private int position;

    /** @param source for messages */
    public BlockingBody(String source) {
        this(source, WINDOW);
    }

    /** @param window how many buffers may be on their way, beside those that the reader has taken */
    public BlockingBody(String source, int window) {
        this.source = source;
        this.window = window;
    }

    /**
     * On the body's event loop.
     *
     * @param cut ends the connection of a body that was not read to its end
     */
    public void follow(ReadStream<Buffer> followed, Runnable cut) {
        followed.pause();
        followed.handler(buffer -> signals.add(new Data(buffer)));
        followed.endHandler(end -> signals.add(new End()));
        followed.exceptionHandler(this::fail);
        synchronized (signals) {
            this.cut = cut;
            body = followed;
            if (awaited) {
                followed.fetch(window);
            }
        }
        if (closed) {
            cut.run();
        }
    }

    /** Lets the first buffers come. */
    private void begin() {
        synchronized (signals) {
            if (!awaited) {
                awaited = true;
                if (body != null) {
                    body.fetch(window);
                }
            }
        }
    }

    public void fail(Throwable why) {
        signals.add(new Failed(why));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (position == current.length()) {
            if (!(next() instanceof Data data)) {
                return -1;
            }
            current = data.bytes();
            position = 0;
        }
        int count = Math.min(length, current.length() - position);
        current.getBytes(position, position + count, buffer, offset);
        position += count;
        return count;
    }

    private Signal next() throws IOException {
        if (last instanceof End) {
            return last;
        }
        if (taken.isEmpty()) {
            begin();
            take();
        }
        last = taken.remove();
        if (last instanceof Failed failed) {
            throw new IOException("fetching " + source + ": " + failed.why().getMessage(), failed.why());
        }
        return last;
    }

    private void take() throws IOException {
        try {
            taken.add(signals.take());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while fetching " + source, e);
        }
        signals.drainTo(taken);
        long buffers = taken.stream().filter(Data.class::isInstance).count();
        if (buffers > 0) {
            body.fetch(buffers);
        }
    }

    /** A body that was not read to its end is cut off with its connection. */
    @Override
    public void close() {
        closed = true;
        if (body != null && !(last instanceof End)) {
            cut.run();
        }
    }
}
