package dev.gantry.image.registry;

import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/** An answer that is known to be small, read into memory up to a limit. */
record SmallBody(int status, MultiMap headers, Buffer body) {
    /** Manifests of 4 MiB are the most that registries take. */
    private static final int LIMIT = 4 << 20;

    static Uni<SmallBody> read(HttpClientResponse response) {
        return Uni.createFrom().emitter(emitter -> {
            Buffer body = Buffer.buffer();
            response.handler(chunk -> {
                body.appendBuffer(chunk);
                if (body.length() > LIMIT) {
                    response.request().reset();
                    emitter.fail(RegistryFailure.lied("the registry's answer is larger than " + LIMIT + " bytes"));
                }
            });
            response.exceptionHandler(e -> emitter.fail(RegistryFailure.broken("unexpected EOF", e)));
            response.endHandler(
                    end -> emitter.complete(new SmallBody(response.statusCode(), response.headers(), body)));
            response.resume();
        });
    }

    SmallBody orFail() {
        if (status >= 400) {
            throw RegistryFailure.answered(status, body);
        }
        return this;
    }
}
