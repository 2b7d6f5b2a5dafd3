package dev.gantry.service.metric;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A figure by kind that has to be looked up, which a gauge cannot wait for: whoever reads it is told what was found for the
 * reader before, and has it looked up anew, so that nothing is asked as long as nobody reads.
 */
public final class LookedUp {
    private static final Logger LOG = Logger.getLogger(LookedUp.class);
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Supplier<Uni<Map<String, Long>>> query;
    private final AtomicLong askedAt = new AtomicLong(System.nanoTime() - FRESH_NANOS);
    private volatile Map<String, Long> found = Map.of();

    private LookedUp(Supplier<Uni<Map<String, Long>>> query) {
        this.query = query;
    }

    /**
     * @param tag whose values are the kinds
     * @param query what is not among its answers is 0
     */
    public static void register(
            MeterRegistry meters,
            String name,
            String description,
            String tag,
            List<String> kinds,
            Supplier<Uni<Map<String, Long>>> query) {
        LookedUp figures = new LookedUp(query);
        for (String kind : kinds) {
            Gauge.builder(name, figures, figure -> figure.read(kind))
                    .description(description)
                    .tag(tag, kind)
                    .strongReference(true)
                    .register(meters);
        }
    }

    private double read(String kind) {
        long now = System.nanoTime();
        long asked = askedAt.get();
        if (now - asked >= FRESH_NANOS && askedAt.compareAndSet(asked, now)) {
            query.get()
                    .ifNoItem()
                    .after(Duration.ofSeconds(5))
                    .fail()
                    // Older figures are better than none, and whoever reads has the time of everything that fails
                    // elsewhere.
                    .subscribe()
                    .with(answer -> found = Map.copyOf(answer), e -> LOG.debugf("figures are old: %s", e));
        }
        return found.getOrDefault(kind, 0L);
    }
}
