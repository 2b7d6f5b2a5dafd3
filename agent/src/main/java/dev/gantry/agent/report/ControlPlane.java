package dev.gantry.agent.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.peer.PeerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Calls to the services that agents talk to. They block: for virtual threads. */
@ApplicationScoped
public class ControlPlane {
    private static final int TIMEOUT_SECONDS = 30;

    private final HttpClient client;
    private final ObjectMapper json;
    private final Map<Service, RequestOptions> targets;

    /** Which service a call is for. */
    public enum Service {
        CLUSTER("/internal/cluster-service"),
        CONTAINER("/internal/container-service");

        private final String prefix;

        Service(String prefix) {
            this.prefix = prefix;
        }
    }

    /**
     * @param control where cluster-service is: {@code unix:///path}, {@code http://host:port} or {@code https://host:port}
     * @param reports the same of container-service
     */
    public ControlPlane(
            Vertx vertx,
            PeerSettings peers,
            ObjectMapper json,
            @ConfigProperty(name = "gantry.agent.control") URI control,
            @ConfigProperty(name = "gantry.agent.reports") URI reports) {
        HttpClientOptions options = new HttpClientOptions().setKeepAliveTimeout(60);
        peers.tls().ifPresent(tls -> tls.applyTo(options));
        client = vertx.createHttpClient(options);
        this.json = json;
        targets = Map.of(Service.CLUSTER, target(control), Service.CONTAINER, target(reports));
    }

    /** @param body empty when there was none */
    public record Answer(int status, byte[] body) {}

    /** Sends a JSON body and waits for the answer, at most half a minute. */
    public Answer send(Service service, HttpMethod method, String path, Object body) throws IOException {
        Buffer content = Buffer.buffer(json.writeValueAsBytes(body));
        RequestOptions options = new RequestOptions(targets.get(service))
                .setMethod(method)
                .setURI(service.prefix + path)
                .putHeader("content-type", "application/json")
                .setTimeout(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
        try {
            return client.request(options)
                    .compose(request -> request.send(content))
                    .compose(response ->
                            response.body().map(bytes -> new Answer(response.statusCode(), bytes.getBytes())))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT_SECONDS + 1L, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static RequestOptions target(URI control) {
        if ("unix".equals(control.getScheme())) {
            return new RequestOptions()
                    .setServer(SocketAddress.domainSocketAddress(control.getPath()))
                    .setHost("localhost")
                    .setPort(80);
        }
        boolean secure = "https".equals(control.getScheme());
        int defaultPort = secure ? 443 : 80;
        return new RequestOptions()
                .setHost(control.getHost())
                .setPort(control.getPort() < 0 ? defaultPort : control.getPort())
                .setSsl(secure);
    }

    @PreDestroy
    void close() {
        client.close();
    }
}
