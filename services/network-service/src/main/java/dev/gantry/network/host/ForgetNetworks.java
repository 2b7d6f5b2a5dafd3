package dev.gantry.network.host;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.engine.EngineError;
import dev.gantry.network.state.NetworkOnHost;
import dev.gantry.service.row.Rows;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Has hosts take down what they have of networks that were removed. The row of a place stays until its host has confirmed,
 * so that a host which is away is asked again.
 */
@ApplicationScoped
public class ForgetNetworks {
    private static final Logger LOG = Logger.getLogger(ForgetNetworks.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** A host may not have taken down yet what a container there had that just ended. */
    private static final int RETRIES = 10;

    private static final Duration RETRY_DELAY = Duration.ofMillis(200);

    private final Mutiny.SessionFactory sessions;
    private final NetworkAgents agents;

    ForgetNetworks(Mutiny.SessionFactory sessions, NetworkAgents agents) {
        this.sessions = sessions;
        this.agents = agents;
    }

    /** Asks each host that has the network; what fails is left for {@link #forgetAll}. */
    public Uni<Void> forget(String networkId) {
        return forget("p.networkId = :it", networkId);
    }

    /** As {@link #forgetAll}, of one host. */
    Uni<Void> forgetOn(String hostId) {
        return forget("p.hostId = :it", hostId);
    }

    /** Asks all hosts again that have not confirmed. */
    public Uni<Void> forgetAll() {
        return forget(":it = ''", "");
    }

    private Uni<Void> forget(String which, String value) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from NetworkOnHost p where p.gone and " + which, NetworkOnHost.class)
                        .setParameter("it", value)
                        .getResultList())
                .chain(this::forget);
    }

    private Uni<Void> forget(List<NetworkOnHost> places) {
        Uni<Void> done = Uni.createFrom().voidItem();
        for (NetworkOnHost place : places) {
            done = done.chain(() -> takeDown(place, RETRIES).onFailure().recoverWithItem(failure -> {
                LOG.infof("host %s still has network %s: %s", place.hostId, place.networkId, failure.getMessage());
                return null;
            }));
        }
        return done;
    }

    private Uni<Void> takeDown(NetworkOnHost place, int retries) {
        return agents.address(place.hostId)
                .chain(address -> agents.call(AgentCall.delete(address, "/networks/" + place.networkId)
                        .withTimeout(PATIENCE)))
                // A host that is registered no more has nothing of ours.
                .onFailure(EngineError.NotFound.class)
                .recoverWithNull()
                .chain(() -> sessions.withTransaction(session -> session.find(
                                NetworkOnHost.class, new NetworkOnHost.Key(place.networkId, place.hostId))
                        .chain(row -> row == null ? Uni.createFrom().voidItem() : Rows.delete(session, row))))
                .onFailure(failure -> retries > 0 && isInUse(failure))
                .recoverWithUni(() -> Background.pause(RETRY_DELAY).chain(() -> takeDown(place, retries - 1)));
    }

    private static boolean isInUse(Throwable failure) {
        return failure instanceof AgentFailure refused && refused.code() == AgentFailure.Code.CONFLICT;
    }
}
