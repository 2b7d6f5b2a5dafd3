package dev.gantry.container.host;

import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.client.AgentPulse;
import dev.gantry.agent.api.stream.ServerLife;
import dev.gantry.agent.api.stream.StreamProxy;
import dev.gantry.agent.api.stream.Target;
import dev.gantry.agent.api.stream.UpgradeRequest;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.BiFunction;

/** Joins clients' connections with streams of their containers' hosts, for as long as those are there. */
@ApplicationScoped
public class HostStreams {
    private final KnownHosts hosts;
    private final StreamProxy streams;
    private final AgentClient agents;

    HostStreams(KnownHosts hosts, StreamProxy streams, AgentClient agents) {
        this.hosts = hosts;
        this.streams = streams;
        this.agents = agents;
    }

    /**
     * Completes when the stream has ended; fails, with the client not answered, as {@link StreamProxy#serve} does.
     *
     * @param contentType of the answer to the client
     */
    public Uni<Void> join(HttpServerRequest client, String host, UpgradeRequest request, String contentType) {
        return join(host, (target, life) -> streams.serve(client, target, request, given -> contentType, life));
    }

    /** As {@link #join}, with a client that asked for a websocket: see {@link StreamProxy#serveWebSocket}. */
    public Uni<Void> joinWebSocket(HttpServerRequest client, String host, UpgradeRequest request, boolean binary) {
        return join(host, (target, life) -> streams.serveWebSocket(client, target, request, binary, life));
    }

    private Uni<Void> join(String host, BiFunction<Target, ServerLife, Future<Void>> serve) {
        return hosts.reach(host, address -> {
            Promise<Void> lost = Promise.promise();
            AgentPulse.Watch watch = agents.pulse().watch(address, AgentClient.PATIENCE, lost::fail);
            ServerLife life = new ServerLife() {
                @Override
                public Future<?> lost() {
                    return lost.future();
                }

                @Override
                public Future<?> asked() {
                    return lost.future().failed() ? lost.future() : agents.isThere(address);
                }
            };
            return Background.here(serve.apply(Target.parse(address), life)
                    .onComplete(ended -> watch.close())
                    .toCompletionStage());
        });
    }
}
