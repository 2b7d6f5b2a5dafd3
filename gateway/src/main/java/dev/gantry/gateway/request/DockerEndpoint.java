package dev.gantry.gateway.request;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.principal.Actor;
import dev.gantry.engine.principal.Principal;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.gateway.client.Client;
import dev.gantry.gateway.client.Reception;
import dev.gantry.gateway.policy.Call;
import dev.gantry.gateway.route.HandedOver;
import dev.gantry.gateway.route.Owners;
import dev.gantry.gateway.route.Route;
import dev.gantry.gateway.route.Routes;
import dev.gantry.gateway.version.VersionedPath;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Every request to the Docker API, from whichever listener: who asks, common headers, path and version, route, body
 * checks, policy, then the owner. Whatever is refused is refused here, so that owners see well-formed requests only.
 */
@Singleton
public final class DockerEndpoint implements Handler<HttpServerRequest> {
    /** On a connection, the operation that it waits for. */
    public static final AttributeKey<Route> ROUTE = AttributeKey.valueOf("gantry.route");

    /** And the span of its request, if there is one. */
    public static final AttributeKey<Span> SPAN = AttributeKey.valueOf("gantry.span");

    private static final Logger LOG = Logger.getLogger(DockerEndpoint.class);
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Traces traces;
    private final Owners owners;
    private final Permission permission;
    private final LargeBodies largeBodies;
    private final int largestJson;

    @Inject
    DockerEndpoint(
            Traces traces,
            Owners owners,
            Permission permission,
            LargeBodies largeBodies,
            @ConfigProperty(name = "gantry.docker.max-json") int largestJson) {
        this.traces = traces;
        this.owners = owners;
        this.permission = permission;
        this.largeBodies = largeBodies;
        this.largestJson = largestJson;
    }

    @Override
    public void handle(HttpServerRequest request) {
        Client client = Client.of(request.connection());
        String id = identify(request);
        MDC.put(AgentProtocol.REQUEST_ID_LOG_KEY, id);
        trace(request, id);
        Answers.headers(request.response());
        try {
            client.guard().check(request.headers());
            RequestHead.check(request);
            introduce(request, client.principal());
            if (request.method() == HttpMethod.OPTIONS) {
                // As dockerd; without a header that would let other origins' pages in.
                request.response().end();
            } else {
                route(request, client.principal());
            }
        } catch (RuntimeException e) {
            Answers.failure(request, e);
        }
    }

    /** The client's own id when it sent a reasonable one, so that its log and ours can be matched. */
    private static String identify(HttpServerRequest request) {
        String given = request.getHeader(AgentProtocol.REQUEST_ID_HEADER);
        String id = given != null && REQUEST_ID.matcher(given).matches()
                ? given
                : HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        request.headers().set(AgentProtocol.REQUEST_ID_HEADER, id);
        request.response().putHeader(AgentProtocol.REQUEST_ID_HEADER, id);
        return id;
    }

    /** Owners go on from here. */
    private void trace(HttpServerRequest request, String id) {
        Span span = traces.begin("gateway", request.getHeader(Traces.HEADER), id);
        if (span.isRecording()) {
            Client.channel(request.connection()).attr(SPAN).set(span);
            Traces.tell(span, request.headers()::set);
        }
    }

    private static void introduce(HttpServerRequest request, Principal principal) {
        RequestHead.clean(request.headers());
        String text = principal.text();
        request.headers().set(Principal.HEADER, text);
        Actor.note(text);
    }

    private void route(HttpServerRequest request, Principal principal) {
        RequestTarget target = RequestTarget.of(request.path(), request.query());
        VersionedPath path = VersionedPath.of(target.path());
        Route route = Routes.find(request.method().name(), path.path()).orElseThrow(() -> Answers.NOT_FOUND);
        Channel channel = Client.channel(request.connection());
        channel.attr(ROUTE).set(route);
        Span span = channel.attr(SPAN).get();
        if (span != null) {
            span.updateName(route.operation());
        }
        ApiVersion version = path.version().map(ApiVersion::requested).orElse(ApiVersion.NEWEST);
        request.headers().set(ApiVersion.HEADER, version.toString());
        HandedOver handed = new HandedOver(request, route.ownPath(path.path()), target.query());
        if (route.upgraded()) {
            // Before anything is awaited: what a client sends ahead of the answer is for the stream.
            Hijack.hold(request);
        } else if (route.body() == Route.Body.STREAM) {
            Reception.takesItsTime(request.connection());
        }
        if (route.body() == Route.Body.JSON || route.body() == Route.Body.OPTIONAL_JSON) {
            readBody(handed, route, principal);
        } else {
            received(request, route);
            request.pause();
            permission.ask(call(handed, route, principal, null), handed, () -> answer(handed, route));
        }
    }

    private void readBody(HandedOver request, Route route, Principal principal) {
        long length = contentLength(request);
        boolean chunked = request.getHeader("Transfer-Encoding") != null;
        JsonBody.checkType(request.getHeader("Content-Type"), chunked || length > 0);
        LargeBodies.Claim room = largeBodies.claim(Client.channel(request.connection()));
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            int read = body.length() + chunk.length();
            try {
                if (read > largestJson) {
                    request.handler(null);
                    Answers.error(request.response(), 413, "request body larger than " + largestJson + " bytes");
                    return;
                }
                room.cover(read, 0);
                body.appendBuffer(chunk);
            } catch (EngineError e) {
                request.handler(null);
                Answers.error(request.response(), e);
            }
        });
        request.endHandler(_ -> {
            if (!request.response().ended()) {
                checkBody(request, route, principal, body, room);
            }
        });
        request.exceptionHandler(e -> LOG.debugf("request body cut off: %s", e.getMessage()));
    }

    private void checkBody(HandedOver request, Route route, Principal principal, Buffer read, LargeBodies.Claim room) {
        try {
            received(request, route);
            JsonBody.Checked json = JsonBody.object(read, route.body());
            room.cover(read.length(), json.values());
            Buffer body = json.body();
            HandedOver checked = new CheckedRequest(request, body);
            permission.ask(call(request, route, principal, body), request, () -> answer(checked, route));
        } catch (RuntimeException e) {
            Answers.failure(request, e);
        }
    }

    /** What comes from now on has no end that could be waited for, if it is for a stream. */
    private static void received(HttpServerRequest request, Route route) {
        if (route.upgraded()) {
            Reception.endsHere(request.connection());
        }
    }

    private static Call call(HandedOver request, Route route, Principal principal, Buffer body) {
        String query = request.query();
        return new Call(
                principal,
                request.method().name(),
                request.path(),
                query == null ? "" : query,
                route,
                Optional.ofNullable(body));
    }

    private void answer(HandedOver request, Route route) {
        switch (route.owner()) {
            case SWARM -> throw Answers.NO_SWARM;
            case NOBODY ->
                throw new EngineError.NotSupported(
                        route.method() + " " + request.path() + " is not supported by Gantry yet");
            case GATEWAY -> answerOurselves(request, route);
            default -> owners.handle(route, request);
        }
    }

    private void answerOurselves(HandedOver request, Route route) {
        if (request.path().equals("/_ping")) {
            Answers.ping(request);
        } else {
            owners.handle(route, request);
        }
    }

    private static long contentLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length == null ? 0 : Long.parseLong(length);
    }
}
