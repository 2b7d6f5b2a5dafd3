package dev.gantry.engine.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.trace.Traces;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.principal.Actor;
import dev.gantry.engine.principal.Principal;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.Pipe;
import io.vertx.core.streams.ReadStream;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.net.SocketAddress;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.MDC;

/**
 * Calls another service's internal paths with JSON bodies, for the remote adapters of the ports. A failure arrives as
 * the {@link EngineError} that the other side threw, {@code Unavailable} when it does not answer.
 */
public final class ServiceClient {
    private static final int CONNECT_TIMEOUT_MILLIS = 5000;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int UPLOADS = 64;

    private final WebClient client;
    private final HttpClient streams;
    private final ObjectMapper json;
    private final String service;
    private final URI url;

    /**
     * @param service name for messages
     * @param url {@code http://host:port}, {@code https://host:port} (with our certificate) or
     *     {@code unix:///path/to.sock}
     */
    public ServiceClient(Vertx vertx, ObjectMapper json, String service, String url) {
        WebClientOptions options = new WebClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
        PeerTls.configured(ConfigProvider.getConfig()).ifPresent(tls -> tls.applyTo(options));
        this.client = WebClient.create(vertx, options);
        this.streams = vertx.getDelegate().createHttpClient(options, new PoolOptions().setHttp1MaxSize(UPLOADS));
        this.json = json;
        this.service = service;
        this.url = URI.create(url);
    }

    /** What a client wrote, as one segment of a path. */
    public static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** @param query parameters, encoded here */
    public <T> Uni<T> get(String path, Map<String, String> query, TypeReference<T> type) {
        return call(HttpMethod.GET, path, query, null, type);
    }

    public <T> Uni<T> post(String path, Object body, TypeReference<T> type) {
        return call(HttpMethod.POST, path, Map.of(), body, type);
    }

    /** @param body null for none; an answer without a body gives null */
    public <T> Uni<T> call(
            HttpMethod method, String path, Map<String, String> query, Object body, TypeReference<T> type) {
        HttpRequest<io.vertx.mutiny.core.buffer.Buffer> request = request(method, path);
        query.forEach(request::addQueryParam);
        tellWho(request::putHeader);
        Uni<HttpResponse<io.vertx.mutiny.core.buffer.Buffer>> answer = body == null
                ? request.send()
                : request.putHeader("Content-Type", "application/json")
                        .sendBuffer(io.vertx.mutiny.core.buffer.Buffer.buffer(encode(body)));
        return answer.onFailure()
                .transform(e -> new EngineError.Unavailable(service + " cannot be reached", e))
                .map(response -> decode(
                        response.statusCode(),
                        response.body() == null ? new byte[0] : response.body().getBytes(),
                        type));
    }

    /**
     * Posts a body whose first line is {@code head} as JSON and whose rest is {@code stream}, as it comes. When that breaks
     * off, so does the request; when the answer comes first, what is left of it is not read.
     */
    public <T> Uni<T> upload(String path, Object head, ReadStream<Buffer> stream, TypeReference<T> type) {
        Buffer line = Buffer.buffer(encode(head)).appendByte((byte) '\n');
        RequestOptions options =
                new RequestOptions().setMethod(HttpMethod.POST).setURI(path).setHost("localhost");
        if ("unix".equals(url.getScheme())) {
            options.setServer(io.vertx.core.net.SocketAddress.domainSocketAddress(url.getPath()));
        } else {
            place(options);
        }
        tellWho(options::putHeader);
        Pipe<Buffer> pipe = stream.pipe().endOnFailure(false);
        Context here = io.vertx.core.Vertx.currentContext();
        Promise<HttpClientResponse> answered = Promise.promise();
        streams.request(options)
                .onSuccess(request -> {
                    request.setChunked(true).exceptionHandler(failure -> {});
                    request.write(line);
                    pipe.to(request).onFailure(cut -> {
                        answered.tryFail(new EngineError.Failed("what was being sent broke off: " + cut.getMessage()));
                        request.reset(0, cut);
                    });
                    request.response().onComplete(answered);
                })
                .onFailure(answered::tryFail);
        Future<T> answer = answered.future()
                .recover(e -> Future.failedFuture(
                        e instanceof EngineError ? e : new EngineError.Unavailable(service + " cannot be reached", e)))
                .compose(response -> response.body()
                        .map(body -> this.<T>decode(response.statusCode(), body.getBytes(), type))
                        .onFailure(refused -> response.request().reset()))
                .onComplete(done -> pipe.close());
        Uni<T> result = Uni.createFrom().completionStage(answer.toCompletionStage());
        return here == null ? result : result.emitOn(work -> here.runOnContext(ignored -> work.run()));
    }

    private HttpRequest<io.vertx.mutiny.core.buffer.Buffer> request(HttpMethod method, String path) {
        RequestOptions options = new RequestOptions().setURI(path).setHost("localhost");
        if ("unix".equals(url.getScheme())) {
            return client.request(method, SocketAddress.domainSocketAddress(url.getPath()), options);
        }
        place(options);
        return client.request(method, options);
    }

    private void place(RequestOptions options) {
        boolean tls = "https".equals(url.getScheme());
        int standard = tls ? HTTPS_PORT : HTTP_PORT;
        options.setHost(url.getHost())
                .setPort(url.getPort() < 0 ? standard : url.getPort())
                .setSsl(tls);
    }

    private static void tellWho(BiConsumer<String, String> headers) {
        if (MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY) instanceof String id) {
            headers.accept(AgentProtocol.REQUEST_ID_HEADER, id);
        }
        if (Actor.current() != null) {
            headers.accept(Principal.HEADER, Actor.current());
        }
        Traces.tell(headers::accept);
    }

    private byte[] encode(Object body) {
        try {
            return json.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private <T> T decode(int status, byte[] body, TypeReference<T> type) {
        if (status >= 300) {
            throw EngineError.of(status, message(status, body));
        }
        try {
            return body.length == 0 ? null : json.readValue(body, type);
        } catch (IOException e) {
            throw new EngineError.Internal(service + " gave an answer that is not understood", e);
        }
    }

    private String message(int status, byte[] body) {
        try {
            return json.readTree(body).path("message").asText(service + " answered " + status);
        } catch (IOException e) {
            return service + " answered " + status;
        }
    }
}
