package dev.gantry.gateway.route;

import dev.gantry.agent.api.stream.StreamProxy;
import dev.gantry.agent.api.stream.Target;
import dev.gantry.engine.ErrorAnswer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import org.jboss.logging.Logger;

/**
 * An owner in another process. Bodies stream both ways with back-pressure; the answer's head goes out when it arrives,
 * for there are answers whose body comes much later ({@code wait}, {@code events}). When the client goes away, so does
 * the request to the owner.
 */
final class RemoteOwner {
    private static final Logger LOG = Logger.getLogger(RemoteOwner.class);

    private final String service;
    private final Target target;
    private final HttpClient client;
    private final StreamProxy streams;

    RemoteOwner(String service, Target target, HttpClient client, StreamProxy streams) {
        this.service = service;
        this.target = target;
        this.client = client;
        this.streams = streams;
    }

    void forward(Route route, HandedOver request) {
        if (route.upgraded()) {
            streams.forward(request, target, request.uri()).onFailure(e -> refuse(request, e));
            // Paused while policy was asked. Whatever reads the body is registered by now.
            request.resume();
            return;
        }
        request.pause();
        RequestOptions options = new RequestOptions()
                .setServer(target.address())
                .setHost(target.host())
                .setSsl(target.tls())
                .setMethod(request.method())
                .setURI(request.uri());
        client.request(options)
                .compose(out -> send(route, request, out))
                .onSuccess(in -> relay(request, in))
                .onFailure(e -> refuse(request, e));
    }

    private static Future<HttpClientResponse> send(Route route, HandedOver request, HttpClientRequest out) {
        Headers.copy(request.headers(), out.headers());
        request.response().closeHandler(_ -> out.reset());
        if (request.response().closed()) {
            out.reset();
            return Future.failedFuture("the client has gone");
        }
        if (route.body() == Route.Body.NONE) {
            request.resume();
            out.headers().remove("Content-Length");
            return out.send();
        }
        return out.send(request);
    }

    private static void relay(HttpServerRequest request, HttpClientResponse in) {
        HttpServerResponse response = request.response();
        response.setStatusCode(in.statusCode());
        Headers.copy(in.headers(), response.headers());
        boolean hasBody = in.statusCode() >= 200 && in.statusCode() != 204 && in.statusCode() != 304;
        if (!hasBody || request.method().name().equals("HEAD")) {
            response.end();
            return;
        }
        if (in.getHeader("Content-Length") == null) {
            response.setChunked(true);
            response.write(Buffer.buffer());
        }
        in.pipe().endOnFailure(false).to(response).onFailure(e -> {
            LOG.debugf("answer cut off: %s", e.getMessage());
            response.reset();
        });
    }

    private void refuse(HttpServerRequest request, Throwable cause) {
        LOG.warnf("%s at %s: %s", service, target.address(), cause.getMessage());
        ErrorAnswer.send(request.response(), 503, service + " cannot be reached; running containers are not affected");
    }
}
