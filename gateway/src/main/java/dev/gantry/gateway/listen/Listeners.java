package dev.gantry.gateway.listen;

import dev.gantry.gateway.client.WebGuard;
import dev.gantry.gateway.request.Answers;
import dev.gantry.gateway.request.DockerEndpoint;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** The endpoints of the Docker API: a unix socket, and TCP where configured. */
@Singleton
final class Listeners {
    private static final Logger LOG = Logger.getLogger(Listeners.class);
    private static final int LAST = 10_000;
    private static final int FIRST = 1;
    /** Filters and image references travel in the request line. */
    private static final int LONGEST_LINE = 64 << 10;
    /** Of archives: each piece is passed on by itself. */
    private static final int CHUNK = 64 * 1024;

    private final Vertx vertx;
    private final DockerEndpoint endpoint;
    private final Config config;
    private final Admission admission;
    private final List<String> deployments = new ArrayList<>();
    private Optional<UnixSocket> socket = Optional.empty();

    @Inject
    Listeners(Vertx vertx, DockerEndpoint endpoint, OperationTimes times, Config config) {
        this.vertx = vertx;
        this.admission = new Admission(times);
        this.endpoint = endpoint;
        this.config = config;
    }

    /** Last of all that starts: whoever can connect is served. */
    void start(@Observes @Priority(LAST) StartupEvent event) {
        Optional<TcpListen> tcp = config.getOptionalValue("gantry.docker.tcp", String.class)
                .filter(address -> !address.isBlank())
                .map(address -> TcpListen.of(address, tls("cert"), tls("key"), tls("client-ca"), insecure()));
        listenOnSocket();
        tcp.ifPresent(this::listenOnTcp);
    }

    void stop(@Observes @Priority(FIRST) ShutdownEvent event) {
        socket.ifPresent(UnixSocket::delete);
        deployments.forEach(id ->
                vertx.undeploy(id).toCompletionStage().toCompletableFuture().join());
    }

    private void listenOnSocket() {
        Path path = Path.of(config.getValue("gantry.docker.socket", String.class));
        UnixSocket unix = new UnixSocket(path);
        try {
            Path bound = unix.birthplace();
            listen(options(), SocketAddress.domainSocketAddress(bound.toString()), new WebGuard.None());
            unix.publish(
                    bound,
                    config.getOptionalValue("gantry.docker.group", String.class).orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        socket = Optional.of(unix);
        LOG.infof("Docker API on unix://%s", path);
    }

    private void listenOnTcp(TcpListen tcp) {
        listen(tcp.apply(options()), SocketAddress.inetSocketAddress(tcp.port(), tcp.host()), tcp.guard());
        LOG.infof("Docker API on tcp://%s:%d", tcp.host(), tcp.port());
    }

    /** One server for each event loop on the same address: connections are spread over them. */
    private void listen(HttpServerOptions options, SocketAddress address, WebGuard guard) {
        var deployment =
                new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
        deployments.add(vertx.deployVerticle(() -> new Server(options, address, guard), deployment)
                .toCompletionStage()
                .toCompletableFuture()
                .join());
    }

    private static HttpServerOptions options() {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(true)
                .setMaxInitialLineLength(LONGEST_LINE)
                .setMaxHeaderSize(LONGEST_LINE)
                .setMaxChunkSize(CHUNK)
                .setPort(0)
                .setIdleTimeout(0);
    }

    private String tls(String name) {
        return config.getOptionalValue("gantry.docker.tls." + name, String.class)
                .orElse("");
    }

    private boolean insecure() {
        return config.getOptionalValue("gantry.docker.tcp-insecure", Boolean.class)
                .orElse(false);
    }

    private final class Server extends AbstractVerticle {
        private final HttpServerOptions options;
        private final SocketAddress address;
        private final WebGuard guard;

        private Server(HttpServerOptions options, SocketAddress address, WebGuard guard) {
            this.options = options;
            this.address = address;
            this.guard = guard;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createHttpServer(options)
                    .connectionHandler(connection -> admission.admit(connection, guard))
                    .invalidRequestHandler(Answers::invalid)
                    .requestHandler(endpoint)
                    .listen(address)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
