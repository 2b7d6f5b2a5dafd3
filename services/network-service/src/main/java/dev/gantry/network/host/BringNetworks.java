package dev.gantry.network.host;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkOnHost;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Puts the present state of networks on a host. No transaction is open meanwhile: a state that was changed since has a
 * higher version, and the host drops the one that comes late.
 */
@ApplicationScoped
public class BringNetworks {
    private final Mutiny.SessionFactory sessions;
    private final ForgetNetworks removed;
    private final NetworkAgents agents;

    BringNetworks(Mutiny.SessionFactory sessions, ForgetNetworks removed, NetworkAgents agents) {
        this.sessions = sessions;
        this.removed = removed;
        this.agents = agents;
    }

    /** Networks without a place on the host are passed over. */
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return agents.address(hostId).call(() -> removed.forgetOn(hostId)).chain(address -> states(hostId, networkIds)
                .chain(states -> put(address, states)));
    }

    private Uni<List<NetworkState>> states(String hostId, List<String> networkIds) {
        return sessions.withSession(session -> session.createQuery(
                        "select n, p from NetworkEntity n join NetworkOnHost p on p.networkId = n.id"
                                + " where p.hostId = :host and n.id in :ids and not p.gone",
                        Tuple.class)
                .setParameter("host", hostId)
                .setParameter("ids", networkIds)
                .getResultList()
                .map(rows -> rows.stream()
                        .map(row -> row.get(1, NetworkOnHost.class).state(row.get(0, NetworkEntity.class)))
                        .toList()));
    }

    private Uni<Void> put(String address, List<NetworkState> states) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (NetworkState state : states) {
            done = done.chain(() -> agents.call(AgentCall.put(address, "/networks/" + state.id(), state)));
        }
        return done.onFailure(AgentFailure.class).transform(NetworkAgents::translate);
    }
}
