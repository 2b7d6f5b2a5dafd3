package dev.gantry.gateway.route;

import dev.gantry.agent.api.stream.StreamProxy;
import dev.gantry.agent.api.stream.Target;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
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
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setHttp2ClearTextUpgrade(false).setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));
        StreamProxy streams = new StreamProxy(vertx, null);
        for (Owner owner : Owner.values()) {
            config.getOptionalValue("gantry." + owner.service() + ".url", String.class)
                    .filter(url -> !url.isBlank() && !owner.service().isEmpty())
                    .ifPresent(url ->
                            remote.put(owner, new RemoteOwner(owner.service(), Target.parse(url), client, streams)));
        }
    }

    public void handle(Route route, HandedOver request) {
        RemoteOwner elsewhere = remote.get(route.owner());
        if (elsewhere == null) {
            VertxHttpRecorder.getRootHandler().handle(request);
        } else {
            elsewhere.forward(route, request);
        }
    }
}
