package dev.gantry.agent.api.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The spans of a request. A trace begins at the gateway; services and agents only go on with one that they are told of, so
 * that what nobody asked for makes none. A span's name is that of an operation, never a path, which has names and ids; its
 * attributes are the part, the request's id and the answer's status. While traces are off nothing is made: spans are
 * OpenTelemetry's invalid one, which takes whatever is said of it.
 */
@Singleton
public final class Traces {
    /** Header of the W3C by which one part tells the next of the span that it calls from. Nothing else is told. */
    public static final String HEADER = "traceparent";

    /** Header by which the gateway says as which service a request is served that stays in its process. */
    public static final String PART_HEADER = "Gantry-Part";

    /** Of what is no operation, or not known to be one yet. */
    public static final String NO_OPERATION = "none";

    static final AttributeKey<String> PART = AttributeKey.stringKey("gantry.part");
    static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("gantry.request_id");
    static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");

    private static final int SERVER_ERRORS = 500;

    /** Null while traces are off. */
    private final Tracer tracer;

    @Inject
    Traces(OpenTelemetry telemetry, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
        // A disabled SDK would make spans all the same, and only send none.
        this(off ? null : telemetry.getTracer("dev.gantry"));
    }

    /** @param tracer null for no traces */
    public Traces(Tracer tracer) {
        this.tracer = tracer;
    }

    /**
     * The first span of ours. It goes on with the client's trace where the client told of one.
     *
     * @param told the header {@link #HEADER}, from anybody; may be null
     */
    public Span begin(String part, String told, String requestId) {
        return tracer == null ? Span.getInvalid() : start(SpanKind.SERVER, part, NO_OPERATION, parent(told), requestId);
    }

    /**
     * Goes on with the trace that the request tells of, until the head of its answer: whatever is called meanwhile on its
     * context is called from this span. Without such a trace it does nothing.
     */
    public void serve(RoutingContext context, String part, String requestId) {
        String told = context.request().getHeader(HEADER);
        if (tracer == null || told == null) {
            return;
        }
        Context parent = parent(told);
        if (!Span.fromContext(parent).getSpanContext().isValid()) {
            return;
        }
        Span span = start(SpanKind.SERVER, part, NO_OPERATION, parent, requestId);
        enter(span);
        context.addHeadersEndHandler(_ -> {
            span.updateName(operation(context));
            end(span, context.response().getStatusCode());
        });
        // Of a connection that became a stream, and of a client that left before its answer, this alone is heard.
        context.addEndHandler(_ -> {
            span.updateName(operation(context));
            span.end();
        });
    }

    /**
     * Goes on with the trace that a fact tells of, for what is done about it.
     *
     * @param told as in {@link #HEADER}; null for no trace
     */
    public Span react(String part, String name, String told, String requestId) {
        if (tracer == null || told == null) {
            return Span.getInvalid();
        }
        Context parent = parent(told);
        return Span.fromContext(parent).getSpanContext().isValid()
                ? start(SpanKind.CONSUMER, part, name, parent, requestId)
                : Span.getInvalid();
    }

    /** From here on, on this context of Vert.x, what is called is called from the span. */
    // A context serves one request or one piece of work, and the span goes with it: nothing is there to be closed.
    @SuppressWarnings("MustBeClosedChecker")
    public static void enter(Span span) {
        if (span.getSpanContext().isValid() && VertxContext.isOnDuplicatedContext()) {
            Context.current().with(span).makeCurrent();
        }
    }

    /** @param status of the answer */
    public static void end(Span span, int status) {
        span.setAttribute(STATUS, (long) status);
        if (status >= SERVER_ERRORS) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    /** Tells whoever is called now in which span; nothing when there is none. */
    public static void tell(BiConsumer<String, String> headers) {
        tell(Span.current(), headers);
    }

    /** Tells of this span. */
    public static void tell(Span span, BiConsumer<String, String> headers) {
        if (span.getSpanContext().isValid()) {
            W3CTraceContextPropagator.getInstance()
                    .inject(Context.root().with(span), headers, (carrier, name, value) -> {
                        if (name.equals(HEADER)) {
                            carrier.accept(name, value);
                        }
                    });
        }
    }

    private Span start(SpanKind kind, String part, String name, Context parent, String requestId) {
        Span span = tracer.spanBuilder(name)
                .setSpanKind(kind)
                .setParent(parent)
                .setAttribute(PART, part)
                .startSpan();
        if (requestId != null) {
            span.setAttribute(REQUEST_ID, requestId);
        }
        return span;
    }

    /** What of it is no trace of the W3C's counts as none. */
    private static Context parent(String told) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), told, TraceParent.ALONE);
    }

    /** As the API's description has it, with names in braces where values stand. */
    private static String operation(RoutingContext context) {
        // Quarkus keeps the template of a resource's method here, and Vert.x that of a route.
        String template =
                ((HttpServerRequestInternal) context.request()).context().getLocal("UrlPathTemplate");
        Route route = context.currentRoute();
        String path = template == null && route != null ? route.getPath() : template;
        if (path == null) {
            return NO_OPERATION;
        }
        String plain = path.replaceAll("\\{(\\w+):[^}]*}", "{$1}").replaceAll("/:(\\w+)", "/{$1}");
        return context.request().method().name() + " " + plain;
    }

    /** The header {@link #HEADER} as all that there is. */
    private enum TraceParent implements TextMapGetter<String> {
        ALONE;

        @Override
        public Iterable<String> keys(String told) {
            return List.of(HEADER);
        }

        @Override
        public String get(String told, String key) {
            return key.equals(HEADER) ? told : null;
        }
    }
}
