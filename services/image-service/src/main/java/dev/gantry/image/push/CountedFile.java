package dev.gantry.image.push;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.streams.ReadStream;
import java.util.function.LongConsumer;

/** A file to be sent, that tells how much of it was read. */
final class CountedFile implements ReadStream<Buffer> {
    private final AsyncFile file;
    private final LongConsumer progress;
    private long count;

    CountedFile(AsyncFile file, LongConsumer progress) {
        this.file = file;
        this.progress = progress;
    }

    @Override
    public CountedFile handler(Handler<Buffer> handler) {
        file.handler(
                handler == null
                        ? null
                        : chunk -> {
                            count += chunk.length();
                            progress.accept(count);
                            handler.handle(chunk);
                        });
        return this;
    }

    @Override
    public CountedFile exceptionHandler(Handler<Throwable> handler) {
        file.exceptionHandler(handler);
        return this;
    }

    @Override
    public CountedFile pause() {
        file.pause();
        return this;
    }

    @Override
    public CountedFile resume() {
        file.resume();
        return this;
    }

    @Override
    public CountedFile fetch(long amount) {
        file.fetch(amount);
        return this;
    }

    @Override
    public CountedFile endHandler(Handler<Void> handler) {
        file.endHandler(handler);
        return this;
    }
}
