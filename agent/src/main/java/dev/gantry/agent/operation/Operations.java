package dev.gantry.agent.operation;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Results of the latest operations by the id that the caller gave: a repeat gets the first result, or waits for it. The
 * ids do not survive this process; then the operations themselves find their work done.
 */
@ApplicationScoped
public class Operations {
    private static final int REMEMBERED = 4096;

    private final Map<String, CompletableFuture<Object>> results = new LinkedHashMap<>();

    /** @param id null or empty when the caller gave none: nothing is remembered */
    public <T> T once(String id, Class<T> type, Supplier<T> operation) {
        if (id == null || id.isEmpty()) {
            return operation.get();
        }
        CompletableFuture<Object> mine = new CompletableFuture<>();
        CompletableFuture<Object> first = register(id, mine);
        if (first != null) {
            return type.cast(await(first));
        }
        try {
            T result = operation.get();
            mine.complete(result);
            return result;
        } catch (Throwable e) {
            // A failure left nothing behind, so a repeat may try again.
            forget(id);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    /** As {@link #once(String, Class, Supplier)} for what has no result. */
    public void once(String id, Runnable operation) {
        once(id, Boolean.class, () -> {
            operation.run();
            return true;
        });
    }

    private synchronized CompletableFuture<Object> register(String id, CompletableFuture<Object> mine) {
        CompletableFuture<Object> first = results.putIfAbsent(id, mine);
        if (first == null && results.size() > REMEMBERED) {
            results.remove(results.keySet().iterator().next());
        }
        return first;
    }

    private synchronized void forget(String id) {
        results.remove(id);
    }

    private static Object await(CompletableFuture<Object> first) {
        try {
            return first.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }
}
