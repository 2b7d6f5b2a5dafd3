package dev.gantry.agent.volume.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.stream.WholeBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** One call of a plug-in, which may answer anything, at any length, or not at all. Blocking. */
@ApplicationScoped
class PluginCalls {
    private static final Logger LOG = Logger.getLogger(PluginCalls.class);
    private static final String TYPE = "application/vnd.docker.plugins.v1.2+json";
    /** Less than services wait for the agent. */
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private static final Duration RETRIES = Duration.ofSeconds(15);
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_WORDS = 4096;

    private final Vertx vertx;
    private final ObjectMapper json;
    private final HttpClient plain;
    private final Map<PluginAddress.Tls, HttpClient> encrypted = new ConcurrentHashMap<>();

    PluginCalls(Vertx vertx, ObjectMapper json) {
        this.vertx = vertx;
        this.json = json;
        this.plain = vertx.createHttpClient(options());
    }

    /** No connection is kept: a plug-in that starts again would be asked over a dead one. */
    private static HttpClientOptions options() {
        return new HttpClientOptions()
                .setKeepAlive(false)
                .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(5))
                .setMaxPoolSize(64);
    }

    /**
     * Asks, again for some seconds while nobody listens, as dockerd.
     *
     * @param body null for none
     * @throws IOException with what dockerd would say
     */
    JsonNode call(PluginAddress plugin, String method, Object body) throws IOException {
        long deadline = System.nanoTime() + RETRIES.toNanos();
        for (long wait = 1; ; wait *= 2) {
            try {
                return once(plugin, method, body);
            } catch (ConnectException e) {
                if (System.nanoTime() + TimeUnit.SECONDS.toNanos(wait) > deadline) {
                    throw e;
                }
                LOG.warnf("Unable to connect to plugin: %s, retrying in %ds", e.getMessage(), wait);
                pause(wait);
            }
        }
    }

    private static void pause(long seconds) throws IOException {
        try {
            Thread.sleep(Duration.ofSeconds(seconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private JsonNode once(PluginAddress plugin, String method, Object body) throws IOException {
        RequestOptions target = target(plugin, method);
        Buffer sent = body == null ? Buffer.buffer() : Buffer.buffer(json.writeValueAsBytes(body));
        AtomicInteger status = new AtomicInteger();
        Promise<Buffer> answer = Promise.promise();
        ((VertxInternal) vertx).createEventLoopContext().runOnContext(ignored -> client(plugin)
                .request(target)
                .compose(request -> request.send(sent))
                .compose(response -> read(response, status))
                .onComplete(answer));
        try {
            Buffer read = answer.future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return parsed(method, status.get(), read);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConnectException || e.getCause() instanceof FileNotFoundException) {
                throw (ConnectException) new ConnectException(
                                plugin.address() + ": " + e.getCause().getMessage())
                        .initCause(e);
            }
            throw new IOException(
                    "Post \"" + plugin.address() + "/" + method + "\": "
                            + e.getCause().getMessage(),
                    e);
        } catch (TimeoutException e) {
            throw new IOException("Post \"" + plugin.address() + "/" + method + "\": context deadline exceeded", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Future<Buffer> read(HttpClientResponse response, AtomicInteger status) {
        status.set(response.statusCode());
        return WholeBody.read(response, MOST_BYTES, () -> new IOException("the plug-in's answer is too long"), PATIENCE)
                .onFailure(failure -> response.request().reset());
    }

    private JsonNode parsed(String method, int status, Buffer body) throws IOException {
        JsonNode answer;
        try {
            answer = json.readTree(body.getBytes());
        } catch (JsonProcessingException e) {
            answer = null;
        }
        String error = answer == null ? "" : answer.path("Err").asText("");
        if (status != 200) {
            throw new IOException(method + ": " + bounded(error.isEmpty() ? body.toString() : error));
        }
        if (answer == null || !answer.isObject()) {
            throw new IOException(method + ": the plug-in's answer is no JSON object");
        }
        if (!error.isEmpty()) {
            throw new IOException(bounded(error));
        }
        return answer;
    }

    private static String bounded(String words) {
        return words.length() > MOST_WORDS ? words.substring(0, MOST_WORDS) : words.strip();
    }

    private HttpClient client(PluginAddress plugin) {
        return plugin.tls() == null ? plain : encrypted.computeIfAbsent(plugin.tls(), this::client);
    }

    private HttpClient client(PluginAddress.Tls tls) {
        HttpClientOptions options = options();
        if (tls.authority() == null || tls.authority().isEmpty() || tls.insecure()) {
            options.setTrustAll(true).setVerifyHost(false);
        } else {
            options.setTrustOptions(new PemTrustOptions().addCertPath(tls.authority()));
        }
        if (tls.certificate() != null && !tls.certificate().isEmpty()) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertPath(tls.certificate()).addKeyPath(tls.key()));
        }
        return vertx.createHttpClient(options);
    }

    private static RequestOptions target(PluginAddress plugin, String method) throws IOException {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setURI("/" + method)
                .putHeader("Accept", TYPE)
                .putHeader("Content-Type", TYPE);
        String address = plugin.address() == null ? "" : plugin.address();
        if (address.startsWith("unix://")) {
            return options.setServer(SocketAddress.domainSocketAddress(address.substring("unix://".length())))
                    .setHost("plugin.moby.localhost")
                    .setPort(80);
        }
        try {
            URI uri = URI.create(address);
            boolean tls = "https".equals(uri.getScheme()) || plugin.tls() != null;
            if (uri.getHost() != null && ("tcp".equals(uri.getScheme()) || "http".equals(uri.getScheme()) || tls)) {
                return options.setHost(uri.getHost())
                        .setPort(uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80)
                        .setSsl(tls);
            }
        } catch (IllegalArgumentException e) {
            LOG.debugf("%s: %s", address, e.getMessage());
        }
        throw new IOException("unknown protocol: " + address);
    }

    @PreDestroy
    void close() {
        plain.close();
        encrypted.values().forEach(HttpClient::close);
    }
}
