package dev.gantry.gateway.route;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.stream.StreamProxy;
import dev.gantry.agent.api.stream.Target;
import dev.gantry.agent.api.trace.Traces;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Hands requests to their owners: within this process to Quarkus' own router, or to the process at
 * {@code gantry.<service>.url} where that is set.
 */
@Singleton
public final class Owners {
    /** Long answers (events, logs, wait) each hold a connection, so the pool is only bounded against runaways. */
    private static final int MOST_CONNECTIONS = 4096;

    private final Map<Owner, RemoteOwner> remote = new EnumMap<>(Owner.class);

    @Inject
    Owners(Vertx vertx, Config config) {
        Optional<PeerTls> tls = PeerTls.configured(config);
        HttpClientOptions options =
                new HttpClientOptions().setHttp2ClearTextUpgrade(false).setDecompressionSupported(false);
        tls.ifPresent(files -> files.applyTo(options));
        HttpClient client = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));
        StreamProxy streams = new StreamProxy(vertx, tls.orElse(null));
        for (Owner owner : Owner.values()) {
            if (!owner.service().isEmpty()) {
                elsewhere(config, owner.service())
                        .ifPresent(
                                target -> remote.put(owner, new RemoteOwner(owner.service(), target, client, streams)));
            }
        }
    }

    /** Where the service is; empty when it is in this process, as each tells of itself in its configuration. */
    private static Optional<Target> elsewhere(Config config, String service) {
        String setting = "gantry." + service + ".url";
        Optional<String> url = config.getOptionalValue(setting, String.class).filter(text -> !text.isBlank());
        boolean here = config.getOptionalValue("gantry." + service + ".here", Boolean.class)
                .orElse(false);
        if (url.isEmpty() && !here) {
            throw new RefusedStart(
                    setting + " is not set: the gateway runs without " + service + " and must know where it is");
        }
        return url.map(Target::parse);
    }

    public void handle(Route route, HandedOver request) {
        RemoteOwner elsewhere = remote.get(route.owner());
        if (elsewhere == null) {
            String service = route.owner().service();
            request.headers().set(Traces.PART_HEADER, service.isEmpty() ? "gateway" : service);
            VertxHttpRecorder.getRootHandler().handle(request);
        } else {
            elsewhere.forward(route, request);
        }
    }
}
