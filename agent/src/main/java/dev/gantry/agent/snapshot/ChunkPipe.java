package dev.gantry.agent.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * Carries a layer's uncompressed bytes from the thread that fetches and decompresses to the one that unpacks, in chunks
 * large enough that the hand-over costs nothing. The reading side is a stream that digests what passes.
 */
final class ChunkPipe extends InputStream {
    private static final int CHUNK = 256 * 1024;
    private static final int CHUNKS = 8;

    private final MessageDigest digest;
    private final Deque<Chunk> free = new ArrayDeque<>();
    private final Deque<Chunk> full = new ArrayDeque<>();
    private boolean ended;
    private boolean abandoned;
    private IOException failure;

    private Chunk current;
    private int position;

    private static final class Chunk {
        final byte[] bytes = new byte[CHUNK];
        int length;
    }

    ChunkPipe(MessageDigest digest) {
        this.digest = digest;
        for (int i = 0; i < CHUNKS; i++) {
            free.add(new Chunk());
        }
    }

    /**
     * Writing side: all of a stream.
     *
     * @return false when the reader gave up before the end
     */
    boolean fill(InputStream from) throws IOException {
        while (true) {
            Chunk chunk = takeFree();
            if (chunk == null) {
                return false;
            }
            chunk.length = from.readNBytes(chunk.bytes, 0, CHUNK);
            if (chunk.length == 0) {
                return true;
            }
            put(chunk);
        }
    }

    private synchronized Chunk takeFree() throws IOException {
        awaitUntil(() -> !free.isEmpty() || abandoned);
        return abandoned ? null : free.remove();
    }

    private synchronized void put(Chunk chunk) {
        full.add(chunk);
        notifyAll();
    }

    /** Writing side: all bytes were good. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Writing side: the reader gets this failure instead of more bytes. */
    synchronized void fail(IOException why) {
        failure = why;
        notifyAll();
    }

    /** Reading side: wants no more. */
    @Override
    public synchronized void close() {
        abandoned = true;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (current == null || position == current.length) {
            current = next();
            position = 0;
            if (current == null) {
                return -1;
            }
            digest.update(current.bytes, 0, current.length);
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current.bytes, position, buffer, offset, count);
        position += count;
        return count;
    }

    private synchronized Chunk next() throws IOException {
        if (current != null) {
            free.add(current);
            notifyAll();
        }
        awaitUntil(() -> !full.isEmpty() || ended || failure != null);
        if (failure != null) {
            throw failure;
        }
        return full.poll();
    }

    private synchronized void awaitUntil(BooleanSupplier condition) throws IOException {
        try {
            while (!condition.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
