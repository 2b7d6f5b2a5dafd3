package dev.gantry.event;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.ErrorAnswer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * {@code GET /events?since=&until=&filters=}: history from {@code since}, then what happens, up to {@code until}. A plain
 * route and no REST resource, because the headers must be on the wire before there is an event.
 */
@ApplicationScoped
class EventsRoute {
    private final EventLog log;
    private final EventTail tail;
    private final CatchUp catchUp;
    private final ObjectMapper json;
    private final Vertx vertx;

    EventsRoute(EventLog log, EventTail tail, CatchUp catchUp, ObjectMapper json, Vertx vertx) {
        this.log = log;
        this.tail = tail;
        this.catchUp = catchUp;
        this.json = json;
        this.vertx = vertx;
    }

    void register(@Observes Router router) {
        router.get("/events").handler(this::handle);
    }

    private record Request(long since, long until, EventFilter filter, Instant now) {
        boolean history() {
            return since >= 0 || until >= 0;
        }

        /** Whether all that is wanted has happened. */
        boolean past() {
            return until >= 0 && until <= Nanos.of(now);
        }

        long remainingMillis() {
            return (until - Nanos.of(now)) / 1_000_000 + 1;
        }
    }

    /** What to read: the entries after a number, up to one when that is known already. */
    private record Span(long position, long end) {}

    private void handle(RoutingContext routing) {
        try {
            serve(parse(routing), routing.response());
        } catch (EngineError e) {
            ErrorAnswer.send(routing.response(), e);
        }
    }

    private static Request parse(RoutingContext routing) {
        Instant now = Instant.now();
        String sinceText = routing.queryParams().get("since");
        String untilText = routing.queryParams().get("until");
        long since = Nanos.parse(sinceText, now);
        long until = Nanos.parse(untilText, now);
        if (until >= 0 && until < since) {
            throw new EngineError.BadParameter(
                    "`since` time (" + sinceText + ") cannot be after `until` time (" + untilText + ")");
        }
        EventFilter filter = EventFilter.parse(routing.queryParams().get("filters"));
        return new Request(since, until, filter, now);
    }

    /** The position is taken before the headers are sent: whoever has them sees all that happens from then on. */
    private void serve(Request request, HttpServerResponse response) {
        Context context = vertx.getOrCreateContext();
        Uni<Void> ready = request.past() ? catchUp.await() : Uni.createFrom().voidItem();
        ready.chain(tail::position)
                .chain(last -> request.history()
                        ? history(request, last)
                        : Uni.createFrom().item(new Span(last, Long.MAX_VALUE)))
                .subscribe()
                .with(
                        span -> context.runOnContext(ignored -> stream(request, response, context, span)),
                        e -> context.runOnContext(ignored -> ErrorAnswer.send(response, away())));
    }

    private Uni<Span> history(Request request, long last) {
        long until = request.until() < 0 ? Long.MAX_VALUE : request.until();
        return log.bounds(Math.max(0, request.since()), until)
                .map(found -> new Span(Math.min(last, found.from() - 1), request.past() ? found.to() : Long.MAX_VALUE));
    }

    private void stream(Request request, HttpServerResponse response, Context context, Span span) {
        if (response.closed()) {
            return;
        }
        response.setChunked(true).putHeader("Content-Type", "application/json").write(Buffer.buffer());
        Predicate<LogEntry> wanted = wanted(request, tail.last());
        EventStream stream = new EventStream(log, tail, json, response, context, wanted, span.position());
        long timer = request.until() < 0 || request.past()
                ? -1
                : vertx.setTimer(request.remainingMillis(), id -> catchUp.await()
                        .chain(log::last)
                        .subscribe()
                        .with(
                                last -> context.runOnContext(ignored -> stream.endAfter(last)),
                                e -> context.runOnContext(ignored -> stream.endAfter(tail.last()))));
        response.exceptionHandler(broken -> stream.cancel());
        response.closeHandler(closed -> {
            stream.cancel();
            vertx.cancelTimer(timer);
        });
        stream.start();
        stream.endAfter(span.end());
    }

    /** What is new in the log is sent even when it happened before {@code since}: it was reported late. */
    private static Predicate<LogEntry> wanted(Request request, long newest) {
        return entry -> (entry.number() > newest || entry.atNanos() >= request.since())
                && (request.until() < 0 || entry.atNanos() <= request.until())
                && request.filter().test(entry);
    }

    private static EngineError away() {
        return new EngineError.Unavailable("the database cannot be reached; running containers are not affected");
    }
}
