package dev.gantry.service.database;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether the database keeps its connections and does not answer: a frozen machine, a disk that hangs. Its client waits
 * without limit, so who asks the database every second anyway tells here when an answer is overdue, and requests are
 * refused until one comes.
 */
public final class SilentDatabase {
    /** How long an answer to a trivial question may take. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Set<String> WAITING = ConcurrentHashMap.newKeySet();

    private SilentDatabase() {}

    /** @param asking whose answer is overdue */
    public static void overdue(String asking) {
        WAITING.add(asking);
    }

    public static void answered(String asking) {
        WAITING.remove(asking);
    }

    static boolean isSilent() {
        return !WAITING.isEmpty();
    }
}
