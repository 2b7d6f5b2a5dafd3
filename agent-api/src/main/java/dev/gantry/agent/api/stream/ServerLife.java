package dev.gantry.agent.api.stream;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** What is known of the process that serves a stream: the end of its bytes looks alike whether it ends or dies. */
public interface ServerLife {
    /** Of a process about which nothing can be asked. */
    ServerLife UNKNOWN = new ServerLife() {
        @Override
        public Future<?> lost() {
            return Promise.promise().future();
        }

        @Override
        public Future<?> asked() {
            return Future.succeededFuture();
        }
    };

    /** Fails when the process is known to be gone although its connection stays; else it never completes. */
    Future<?> lost();

    /** Asks, after a stream has ended, whether its process is there still: fails when it is not. */
    Future<?> asked();
}
