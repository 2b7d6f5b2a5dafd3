package dev.gantry.image.registry;

import dev.gantry.engine.tls.TlsClient;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.streams.ReadStream;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Single HTTP exchanges with registries: streaming, redirects followed, cancelled when the subscriber goes away. */
@ApplicationScoped
class RegistryHttp implements TlsClient {
    private static final int CONNECT_TIMEOUT_MILLIS = 15_000;
    private static final int IDLE_TIMEOUT_SECONDS = 60;
    private static final int CHUNK = 1 << 16;
    private static final int POOL = 16;
    private static final int MAX_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final VertxInternal vertx;
    private final HttpClient strict;
    private final HttpClient lenient;

    RegistryHttp(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        this.strict = vertx.createHttpClient(options());
        this.lenient = vertx.createHttpClient(options().setTrustAll(true).setVerifyHost(false));
    }

    private static HttpClientOptions options() {
        HttpClientOptions options = new HttpClientOptions();
        options.setMaxPoolSize(POOL);
        options.setMaxChunkSize(CHUNK);
        options.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
        options.setIdleTimeout(IDLE_TIMEOUT_SECONDS);
        options.setIdleTimeoutUnit(TimeUnit.SECONDS);
        options.setName("registry");
        return options;
    }

    @PreDestroy
    void close() {
        strict.close();
        lenient.close();
    }

    /**
     * A request to be made.
     *
     * @param insecure accept any certificate
     * @param body null, a {@link Buffer}, or a {@link ReadStream} of {@code length} bytes
     */
    record Call(HttpMethod method, URI url, Map<String, String> headers, boolean insecure, Object body, long length) {
        Call to(URI other) {
            return new Call(method, other, headers, insecure, body, length);
        }
    }

    /**
     * The answer once its head has arrived, its body paused: the receiver reads it or resets the request. Emitted on an
     * event loop, the caller's when it runs on one: from any other thread the body could arrive before it is paused.
     */
    Uni<HttpClientResponse> send(Call call) {
        return Uni.createFrom().emitter(emitter -> {
            Context loop = eventLoop();
            Exchange exchange = new Exchange(call);
            emitter.onTermination(() -> loop.runOnContext(ignored -> exchange.abandon()));
            Runnable begin = () -> exchange.begin(call.url(), call.headers(), MAX_REDIRECTS)
                    .onSuccess(response -> {
                        exchange.answered = true;
                        emitter.complete(response);
                    })
                    .onFailure(emitter::fail);
            if (loop == Vertx.currentContext()) {
                begin.run();
            } else {
                loop.runOnContext(ignored -> begin.run());
            }
        });
    }

    private Context eventLoop() {
        Context current = Vertx.currentContext();
        if (current != null && current.isEventLoopContext() && Context.isOnEventLoopThread()) {
            return current;
        }
        Context own = VertxContext.createNewDuplicatedContext(vertx.createEventLoopContext());
        // Nobody else uses it, so sessions of the database may be opened on it.
        VertxContextSafetyToggle.setContextSafe(own, true);
        return own;
    }

    /** Runs on one event loop. */
    private final class Exchange {
        private final Call call;
        private HttpClientRequest request;
        private boolean abandoned;
        private boolean answered;

        private Exchange(Call call) {
            this.call = call;
        }

        private Future<HttpClientResponse> begin(URI url, Map<String, String> headers, int redirects) {
            HttpClient client = call.insecure() ? lenient : strict;
            return client.request(options(url, headers))
                    .compose(opened -> {
                        request = opened;
                        if (abandoned) {
                            opened.reset();
                        }
                        return transmit(opened);
                    })
                    .recover(e -> Future.failedFuture(
                            e instanceof RegistryFailure
                                    ? e
                                    : RegistryFailure.unreachable(call.method().name(), url, e)))
                    .compose(response -> {
                        response.pause();
                        boolean redirected = REDIRECTS.contains(response.statusCode())
                                && Set.of(HttpMethod.GET, HttpMethod.HEAD).contains(call.method())
                                && response.getHeader("Location") != null;
                        if (!redirected) {
                            return Future.succeededFuture(response);
                        }
                        return follow(response, url, headers, redirects);
                    });
        }

        @SuppressWarnings("unchecked") // buffers, as Call says
        private Future<HttpClientResponse> transmit(HttpClientRequest opened) {
            if (call.body() instanceof ReadStream<?> stream) {
                opened.putHeader("Content-Length", Long.toString(call.length()));
                return opened.send((ReadStream<Buffer>) stream);
            }
            return call.body() instanceof Buffer buffer ? opened.send(buffer) : opened.send();
        }

        private Future<HttpClientResponse> follow(
                HttpClientResponse response, URI url, Map<String, String> headers, int redirects) {
            URI next = url.resolve(response.getHeader("Location"));
            response.request().reset();
            if (redirects == 0 || !Set.of("http", "https").contains(String.valueOf(next.getScheme()))) {
                return Future.failedFuture(RegistryFailure.lied("Get \"" + url + "\": stopped after 10 redirects"));
            }
            if (next.getAuthority().equals(url.getAuthority())) {
                return begin(next, headers, redirects - 1);
            }
            // What authorises us here is nobody else's business.
            Map<String, String> others = new HashMap<>(headers);
            others.remove("Authorization");
            return begin(next, others, redirects - 1);
        }

        private RequestOptions options(URI url, Map<String, String> headers) {
            RequestOptions options = new RequestOptions()
                    .setMethod(call.method())
                    .setHost(url.getHost())
                    .setPort(RegistryEndpoint.port(url))
                    .setSsl("https".equals(url.getScheme()))
                    .setURI(url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery()));
            options.putHeader("User-Agent", "gantry");
            headers.forEach(options::putHeader);
            return options;
        }

        private void abandon() {
            abandoned = true;
            if (!answered && request != null) {
                request.reset();
            }
        }
    }
}
