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
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.core.net.SocketAddress;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
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

    private final WebClient client;
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
        HttpRequest<Buffer> request = request(method, path);
        query.forEach(request::addQueryParam);
        if (MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY) instanceof String id) {
            request.putHeader(AgentProtocol.REQUEST_ID_HEADER, id);
        }
        if (Actor.current() != null) {
            request.putHeader(Principal.HEADER, Actor.current());
        }
        Traces.tell(request::putHeader);
        Uni<HttpResponse<Buffer>> answer = body == null
                ? request.send()
                : request.putHeader("Content-Type", "application/json").sendBuffer(Buffer.buffer(encode(body)));
        return answer.onFailure()
                .transform(e -> new EngineError.Unavailable(service + " cannot be reached", e))
                .map(response -> decode(response, type));
    }

    private HttpRequest<Buffer> request(HttpMethod method, String path) {
        RequestOptions options = new RequestOptions().setURI(path).setHost("localhost");
        if ("unix".equals(url.getScheme())) {
            return client.request(method, SocketAddress.domainSocketAddress(url.getPath()), options);
        }
        boolean tls = "https".equals(url.getScheme());
        int standard = tls ? HTTPS_PORT : HTTP_PORT;
        options.setHost(url.getHost())
                .setPort(url.getPort() < 0 ? standard : url.getPort())
                .setSsl(tls);
        return client.request(method, options);
    }

    private byte[] encode(Object body) {
        try {
            return json.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private <T> T decode(HttpResponse<Buffer> response, TypeReference<T> type) {
        byte[] body = response.body() == null ? new byte[0] : response.body().getBytes();
        if (response.statusCode() >= 300) {
            throw EngineError.of(response.statusCode(), message(response, body));
        }
        try {
            return body.length == 0 ? null : json.readValue(body, type);
        } catch (IOException e) {
            throw new EngineError.Internal(service + " gave an answer that is not understood", e);
        }
    }

    private String message(HttpResponse<Buffer> response, byte[] body) {
        try {
            return json.readTree(body).path("message").asText(service + " answered " + response.statusCode());
        } catch (IOException e) {
            return service + " answered " + response.statusCode();
        }
    }
}
