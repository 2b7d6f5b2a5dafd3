package dev.gantry.agent.api.stream;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.Semaphore;

/** A response's body as a blocking stream, for a thread of its own: a few chunks are under way, then writing waits. */
public final class BlockingAnswer extends OutputStream {
    private static final int CHUNK = 1 << 16;
    private static final int UNDER_WAY = 16;

    private final HttpServerResponse response;
    private final Semaphore permits = new Semaphore(UNDER_WAY);
    private final byte[] chunk = new byte[CHUNK];
    private int filled;
    private volatile Throwable failure;

    public BlockingAnswer(HttpServerResponse response) {
        this.response = response;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int taken = Math.min(CHUNK - filled, length - done);
            System.arraycopy(bytes, offset + done, chunk, filled, taken);
            filled += taken;
            done += taken;
            if (filled == CHUNK) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (filled == 0) {
            return;
        }
        acquire();
        if (failure != null) {
            throw new IOException("the client has gone away", failure);
        }
        Buffer copy = Buffer.buffer(filled).appendBytes(chunk, 0, filled);
        filled = 0;
        response.write(copy).onComplete(written -> {
            if (written.failed()) {
                failure = written.cause();
            }
            permits.release();
        });
    }

    @Override
    public void close() throws IOException {
        flush();
    }

    private void acquire() throws IOException {
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
