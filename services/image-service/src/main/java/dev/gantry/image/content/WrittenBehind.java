package dev.gantry.image.content;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A new file that another thread writes: whoever digests what goes into it need not wait for the disk. Large ones go to the disk
 * while they are still being written, so that at the end there is little left to wait for. A failure is told by a later call.
 */
public final class WrittenBehind extends OutputStream {
    private static final int CHUNK = 256 * 1024;
    private static final int UNDER_WAY = 8;
    private static final long TO_THE_DISK = 32 << 20;
    private static final ByteBuffer END = ByteBuffer.allocate(0);

    private final FileChannel file;
    private final BlockingQueue<ByteBuffer> queue = new ArrayBlockingQueue<>(UNDER_WAY);
    private final BlockingQueue<ByteBuffer> written = new ArrayBlockingQueue<>(UNDER_WAY + 2);
    private final Thread writer;
    private ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    private boolean closed;
    private volatile IOException failure;

    public WrittenBehind(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        writer = Thread.ofVirtual().name("written-behind").start(this::run);
    }

    /** Goes on taking after a failure, so that nobody waits for room for ever. */
    private void run() {
        long unforced = 0;
        try {
            for (ByteBuffer next = queue.take(); next != END; next = queue.take()) {
                unforced += next.remaining();
                if (failure == null) {
                    unforced = write(next, unforced);
                }
                written.offer(next.clear());
            }
        } catch (InterruptedException e) {
            failure = new InterruptedIOException();
        }
    }

    private long write(ByteBuffer next, long unforced) {
        try {
            while (next.hasRemaining()) {
                file.write(next);
            }
            if (unforced < TO_THE_DISK) {
                return unforced;
            }
            file.force(false);
        } catch (IOException e) {
            failure = e;
        }
        return 0;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int count = Math.min(chunk.remaining(), length - done);
            chunk.put(bytes, offset + done, count);
            done += count;
            if (!chunk.hasRemaining()) {
                hand(chunk.flip());
                ByteBuffer used = written.poll();
                chunk = used == null ? ByteBuffer.allocateDirect(CHUNK) : used;
            }
        }
    }

    private void hand(ByteBuffer bytes) throws IOException {
        try {
            queue.put(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /** Waits until all of it is written. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (file) {
            hand(chunk.flip());
            hand(END);
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } finally {
            writer.interrupt();
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }
}
