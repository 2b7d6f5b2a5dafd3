package dev.gantry.network.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Puts the present state of networks on a host. No transaction is open meanwhile: a state that was changed since has a
 * higher version, and the host drops the one that comes late.
 */
@ApplicationScoped
public class BringNetworks {
    private final Mutiny.SessionFactory sessions;
    private final Hosts hosts;
    private final AgentClient agents;

    BringNetworks(Mutiny.SessionFactory sessions, Hosts hosts, Vertx vertx, Config config, ObjectMapper json) {
        this.sessions = sessions;
        this.hosts = hosts;
        this.agents = new AgentClient(vertx, PeerTls.configured(config).orElse(null), json);
    }

    /** Networks without a place on the host are passed over. */
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return hosts.get(hostId).map(host -> host.description().address()).chain(address -> states(hostId, networkIds)
                .chain(states -> put(address, states)));
    }

    private Uni<List<NetworkState>> states(String hostId, List<String> networkIds) {
        return sessions.withSession(session -> session.createQuery(
                        "select n, p from NetworkEntity n join NetworkOnHost p on p.networkId = n.id"
                                + " where p.hostId = :host and n.id in :ids",
                        Tuple.class)
                .setParameter("host", hostId)
                .setParameter("ids", networkIds)
                .getResultList()
                .map(rows -> rows.stream()
                        .map(row -> row.get(1, NetworkOnHost.class).state((Driver.Bridge)
                                row.get(0, NetworkEntity.class).driver()))
                        .toList()));
    }

    private Uni<Void> put(String address, List<NetworkState> states) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (NetworkState state : states) {
            AgentCall call = AgentCall.put(address, "/networks/" + state.id(), state);
            done = done.chain(() -> Background.here(agents.call(call).toCompletionStage()));
        }
        return done.onFailure(AgentFailure.class).transform(failure -> translate((AgentFailure) failure));
    }

    private static EngineError translate(AgentFailure failure) {
        return switch (failure.code()) {
            case UNREACHABLE -> new EngineError.Unavailable(failure.getMessage());
            case CONFLICT -> new EngineError.Conflict(failure.getMessage());
            default -> new EngineError.Failed(failure.getMessage());
        };
    }

    @PreDestroy
    void close() {
        agents.close();
    }
}
