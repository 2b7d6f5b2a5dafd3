package dev.gantry.agent.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Writes chunks to a connection from a blocking thread, a few ahead of the client. */
final class PacedSink implements LogReader.Sink {
    private static final int AHEAD = 4;

    private final Semaphore room = new Semaphore(AHEAD);
    private final Function<ByteBuf, CompletionStage<?>> write;
    private final BooleanSupplier open;
    private volatile Throwable failure;

    /**
     * @param write starts writing a chunk; completes when it has left
     * @param open whether the client is still there
     */
    PacedSink(Function<ByteBuf, CompletionStage<?>> write, BooleanSupplier open) {
        this.write = write;
        this.open = open;
    }

    @Override
    public void write(byte[] bytes, int length) throws IOException {
        try {
            room.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (failure != null || !isOpen()) {
            throw new IOException("the client has gone", failure);
        }
        write.apply(Unpooled.wrappedBuffer(bytes, 0, length)).whenComplete((ignored, failed) -> {
            if (failed != null) {
                failure = failed;
            }
            room.release();
        });
    }

    @Override
    public boolean isOpen() {
        return failure == null && open.getAsBoolean();
    }

    /** Waits until everything has left. */
    void drain() throws InterruptedException {
        room.acquire(AHEAD);
    }
}
