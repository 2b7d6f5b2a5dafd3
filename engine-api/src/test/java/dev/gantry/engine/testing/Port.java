package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import dev.gantry.engine.EngineError;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import java.util.function.Supplier;

/** Calls of a port in tests, on a Vert.x context as services make them. */
public final class Port {
    private Port() {}

    public static <T> T call(Supplier<Uni<T>> call) throws Throwable {
        return VertxContextSupport.subscribeAndAwait(call);
    }

    /** The message of the error that the call fails with. */
    public static String refused(Class<? extends EngineError> error, Supplier<? extends Uni<?>> call) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> call.get().replaceWithVoid());
        } catch (Throwable failure) {
            return assertInstanceOf(error, failure, failure::toString).getMessage();
        }
        return fail("it succeeded");
    }

    public static void assertRefused(
            Class<? extends EngineError> error, String message, Supplier<? extends Uni<?>> call) {
        assertEquals(message, refused(error, call));
    }
}
