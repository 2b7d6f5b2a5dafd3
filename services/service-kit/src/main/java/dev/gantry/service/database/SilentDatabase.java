package dev.gantry.service.database;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Whether the database keeps its connections and does not answer: a frozen machine, a disk that hangs. Its client waits
 * without limit, so who asks the database every second anyway tells here that an answer is outstanding, and requests are
 * refused once it has been for {@link #PATIENCE} looks, until it comes.
 *
 * <p>Only a question on a connection of one's own says something about the database: one to the pool also waits for
 * other users of it. And looks are counted instead of the time, for a process that gets no processor looks late at an
 * answer that has come long ago.
 */
public final class SilentDatabase {
    static final int PATIENCE = 8;

    private static final Logger LOG = Logger.getLogger(SilentDatabase.class);
    /** Timers that were held up fire one after the other: such looks count once. */
    private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Map<String, Looks> WAITING = new ConcurrentHashMap<>();

    private record Looks(int count, long last) {
        Looks another(long now) {
            return now - last < APART_NANOS ? this : new Looks(count + 1, now);
        }
    }

    private SilentDatabase() {}

    /**
     * Call every second while an answer is outstanding.
     *
     * @param asking who waits for it
     */
    public static void outstanding(String asking) {
        outstanding(asking, System.nanoTime());
    }

    static void outstanding(String asking, long now) {
        Looks before = WAITING.get(asking);
        Looks after = before == null ? new Looks(1, now) : before.another(now);
        WAITING.put(asking, after);
        if (after.count() == PATIENCE && after != before) {
            LOG.warnf("the database has not answered %s for %d s: requests are refused", asking, PATIENCE);
        }
    }

    public static void answered(String asking) {
        Looks before = WAITING.remove(asking);
        if (before != null && before.count() >= PATIENCE) {
            LOG.infof("the database answers %s again", asking);
        }
    }

    static boolean isSilent() {
        return WAITING.values().stream().anyMatch(looks -> looks.count() >= PATIENCE);
    }
}
