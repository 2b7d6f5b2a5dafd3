package dev.gantry.network.remove;

import dev.gantry.engine.EngineError;
import dev.gantry.network.endpoint.ForgottenEndpoints;
import dev.gantry.network.host.ForgetNetworks;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.state.NetworkEntity;
import dev.gantry.network.state.NetworkFacts;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code DELETE /networks/{id}}. The row goes in one transaction with its fact, under the lock that a container takes to be
 * connected; the hosts are asked to take down what they have before the answer, and again later where that fails.
 */
@ApplicationScoped
public class RemoveNetwork {
    private static final String FAILED = "error while removing network: ";

    private final Mutiny.SessionFactory sessions;
    private final FindNetwork find;
    private final ForgottenEndpoints forgotten;
    private final ForgetNetworks hosts;
    private final NetworkFacts facts;

    RemoveNetwork(
            Mutiny.SessionFactory sessions,
            FindNetwork find,
            ForgottenEndpoints forgotten,
            ForgetNetworks hosts,
            NetworkFacts facts) {
        this.sessions = sessions;
        this.find = find;
        this.forgotten = forgotten;
        this.hosts = hosts;
        this.facts = facts;
    }

    /** Fails with {@code NotFound}, and with {@code Forbidden} for one that is predefined or in use. */
    public Uni<Void> remove(String term) {
        return find.find(term)
                .chain(network -> network.predefined
                        ? Uni.createFrom()
                                .failure(new EngineError.Forbidden(
                                        network.name + " is a pre-defined network and cannot be removed"))
                        : removeUnlessUsed(network));
    }

    /** Lets go what containers have that are gone; before many networks are removed one by one. */
    Uni<Void> release() {
        return forgotten.release().replaceWithVoid();
    }

    /** As {@link #remove} for one that is not predefined, as things are. */
    Uni<Void> removeUnused(NetworkEntity network) {
        return delete(network)
                .onFailure(InUse.class)
                .transform(used -> new EngineError.Forbidden(FAILED + used.getMessage()))
                .chain(() -> hosts.forget(network.id));
    }

    private Uni<Void> removeUnlessUsed(NetworkEntity network) {
        return delete(network)
                .onFailure(InUse.class)
                .recoverWithUni(used -> forgotten
                        .release()
                        .chain(released ->
                                released ? delete(network) : Uni.createFrom().failure(used)))
                .onFailure(InUse.class)
                .transform(used -> new EngineError.Forbidden(FAILED + used.getMessage()))
                .chain(() -> hosts.forget(network.id));
    }

    private Uni<Void> delete(NetworkEntity found) {
        return sessions.withTransaction(
                session -> session.find(NetworkEntity.class, found.id, LockModeType.PESSIMISTIC_WRITE)
                        .onItem()
                        .ifNull()
                        .failWith(() -> new EngineError.NotFound("network " + found.name + " not found"))
                        .chain(network -> requireUnused(session, network)
                                .chain(() -> session.createMutationQuery(
                                                "update NetworkOnHost p set p.gone = true where p.networkId = :id")
                                        .setParameter("id", network.id)
                                        .executeUpdate())
                                .chain(() -> facts.destroyed(session, network))
                                .chain(() -> Rows.delete(session, network))));
    }

    private static Uni<Void> requireUnused(Mutiny.Session session, NetworkEntity network) {
        return count(session, "EndpointEntity e where e.networkId = :it", network.id)
                .invoke(endpoints -> {
                    if (endpoints > 0) {
                        throw new InUse("network " + network.name + " id " + network.id + " has active endpoints");
                    }
                })
                .chain(() -> count(session, "NetworkEntity n where n.configFrom = :it", network.name))
                .invoke(followers -> {
                    if (network.configOnly && followers > 0) {
                        throw new EngineError.Forbidden(
                                FAILED + "configuration network \"" + network.name + "\" is in use");
                    }
                })
                .replaceWithVoid();
    }

    private static Uni<Long> count(Mutiny.Session session, String what, String value) {
        return session.createSelectionQuery("select count(*) from " + what, Long.class)
                .setParameter("it", value)
                .getSingleResult();
    }

    /** It has endpoints; some may be of containers that ended. */
    private static final class InUse extends RuntimeException {
        private static final long serialVersionUID = 1;

        InUse(String message) {
            super(message);
        }
    }
}
