package dev.gantry.service.fact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.trace.Traces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.health.api.Wellness;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * How services listen to facts, with one rule for what goes wrong: a record that is not a fact is skipped, counted and
 * logged, for it would stop all behind it; a reaction that fails is tried again, ever slower, until it succeeds, so that
 * none is lost and none overtakes another. {@link StandingStill} is where health sees the latter.
 *
 * <pre>
 * &#64;Incoming("network-service-containers")
 * Uni&lt;Void&gt; receive(ConsumerRecord&lt;String, String&gt; received) {
 *     return facts.take("network-service-containers", received, this::react);
 * }
 * </pre>
 */
@Singleton
public final class FactListener {
    private static final Logger LOG = Logger.getLogger(FactListener.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final int LONGEST_REQUEST_ID = 128;
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final Traces traces;
    private final ObjectMapper json;
    private final MeterRegistry meters;
    private final StandingStill standingStill;
    private final Map<String, Failures> failures = new ConcurrentHashMap<>();

    FactListener(ObjectMapper json, MeterRegistry meters, @Wellness StandingStill standingStill, Traces traces) {
        this.traces = traces;
        this.json = json;
        this.meters = meters;
        this.standingStill = standingStill;
    }

    /** Of a channel, and there from its first record on: what begins at 1 is no increase for Prometheus. */
    private record Failures(Counter retries, Counter unreadable) {}

    private Failures failuresOf(String channel) {
        return failures.computeIfAbsent(
                channel,
                name -> new Failures(
                        meters.counter("gantry.facts.retries", "channel", name),
                        meters.counter("gantry.facts.unreadable", "channel", name)));
    }

    /** Ends when the reaction has succeeded, or at once where there is nothing to react to. */
    public Uni<Void> take(
            String channel, ConsumerRecord<String, String> received, Function<CloudEvent, Uni<Void>> reaction) {
        return read(channel, received, Function.identity())
                .map(fact -> traced(
                        channel, fact, untilItSucceeds(channel, "fact " + fact.id(), () -> reaction.apply(fact))))
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    /** In the trace of the request that the fact comes of, if it tells of one. */
    private Uni<Void> traced(String channel, CloudEvent fact, Uni<Void> reaction) {
        // A channel has the name of its service, and behind it what it is about.
        String service = channel.replaceFirst("-[^-]*$", "");
        String requestId = fact.requestid();
        boolean known = requestId != null && requestId.length() <= LONGEST_REQUEST_ID;
        Span span = traces.react(service, channel, fact.traceparent(), known ? requestId : null);
        if (!span.isRecording()) {
            return reaction;
        }
        return Uni.createFrom().deferred(() -> {
            Traces.enter(span);
            if (known && VertxContext.isOnDuplicatedContext()) {
                // For those that are called, and for the log; it goes with the record's context.
                MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, requestId);
            }
            return reaction.onTermination().invoke(span::end);
        });
    }

    /** Empty for a record that is not a fact, or not one that can be taken as wanted. */
    public <T> Optional<T> read(
            String channel, ConsumerRecord<String, String> received, Function<CloudEvent, T> wanted) {
        Failures counted = failuresOf(channel);
        try {
            return Optional.of(wanted.apply(CloudEvent.parse(json, received.value())));
        } catch (JsonProcessingException | RuntimeException e) {
            counted.unreadable().increment();
            LOG.errorf(
                    "%s skips a record that is not a fact, %s-%d@%d: %s",
                    channel, received.topic(), received.partition(), received.offset(), e.getMessage());
            return Optional.empty();
        }
    }

    /** @param what for the log */
    public <T> Uni<T> untilItSucceeds(String channel, String what, Supplier<Uni<T>> reaction) {
        return Uni.createFrom()
                .deferred(reaction::get)
                .onFailure()
                .invoke(e -> failed(channel, what, e))
                .onFailure()
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .indefinitely()
                .onTermination()
                .invoke(() -> standingStill.over(channel));
    }

    private void failed(String channel, String what, Throwable cause) {
        failuresOf(channel).retries().increment();
        if (standingStill.began(channel, what)) {
            LOG.warnf("%s: %s waits: %s", channel, what, cause.getMessage());
        } else {
            LOG.debugf(cause, "%s: %s waits", channel, what);
        }
    }
}
