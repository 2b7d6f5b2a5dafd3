package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.stream.BlockingBody;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.peer.PeerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Layers by HTTP: {@code unix:///path/to.sock:/path?query}, {@code http://...} or {@code https://...}. */
@ApplicationScoped
class HttpLayerBlobs implements LayerBlobs {
    private static final String UNIX = "unix://";
    private static final int IDLE_SECONDS = 60;

    private final Vertx vertx;
    private final HttpClient client;

    @Inject
    HttpLayerBlobs(Vertx vertx, PeerSettings peers) {
        this(vertx, peers.tls());
    }

    /** @param tls what to show where the source is https */
    HttpLayerBlobs(Vertx vertx, Optional<PeerTls> tls) {
        this.vertx = vertx;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(10))
                .setIdleTimeout(IDLE_SECONDS)
                .setDecompressionSupported(false)
                .setMaxChunkSize(64 * 1024)
                .setMaxPoolSize(16);
        tls.ifPresent(files -> files.applyTo(options));
        client = vertx.createHttpClient(options);
    }

    @Override
    public InputStream open(ContainerSpec.Layer layer) throws IOException {
        BlockingBody stream = new BlockingBody(layer.source());
        RequestOptions target = target(layer.source());
        // From an event loop's own context the head is handled before the body can arrive; callers may be on any
        // thread.
        ((VertxInternal) vertx).createEventLoopContext().runOnContext(ignored -> client.request(target)
                .compose(HttpClientRequest::send)
                .onSuccess(response -> accept(response, stream))
                .onFailure(stream::fail));
        return stream;
    }

    private static void accept(HttpClientResponse response, BlockingBody stream) {
        if (response.statusCode() == 200) {
            stream.follow(response, response.request()::reset);
        } else {
            stream.fail(new IOException("status " + response.statusCode()));
            response.request().reset();
        }
    }

    static RequestOptions target(String source) {
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.GET);
        if (source != null && source.startsWith(UNIX)) {
            int colon = source.indexOf(":/", UNIX.length());
            if (colon > UNIX.length()) {
                return options.setServer(SocketAddress.domainSocketAddress(source.substring(UNIX.length(), colon)))
                        .setHost("localhost")
                        .setPort(80)
                        .setURI(source.substring(colon + 1));
            }
        } else if (source != null && (source.startsWith("http://") || source.startsWith("https://"))) {
            return options.setAbsoluteURI(URI.create(source).toString());
        }
        throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "a layer cannot be fetched from " + source);
    }
}
