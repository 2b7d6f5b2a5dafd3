package dev.gantry.agent.api.stream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Reads the body of a request or an answer into memory, as far as it may go. */
public final class WholeBody {
    private WholeBody() {}

    /**
     * Reads all of {@code body}, which no other handler listens to.
     *
     * @param most bytes that are taken; what comes after them is not kept
     * @param tooLong what the future fails with when there are more
     * @return fails with {@link java.util.concurrent.TimeoutException} when the end does not come within {@code patience}
     */
    public static Future<Buffer> read(
            ReadStream<Buffer> body, int most, Supplier<? extends Exception> tooLong, Duration patience) {
        Promise<Buffer> whole = Promise.promise();
        Buffer kept = Buffer.buffer();
        body.handler(chunk -> {
            if (kept.length() + chunk.length() <= most) {
                kept.appendBuffer(chunk);
            } else {
                body.handler(null);
                whole.tryFail(tooLong.get());
            }
        });
        body.endHandler(end -> whole.tryComplete(kept));
        body.exceptionHandler(whole::tryFail);
        return whole.future().timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
