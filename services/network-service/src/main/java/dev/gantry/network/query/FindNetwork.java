package dev.gantry.network.query;

import dev.gantry.engine.EngineError;
import dev.gantry.network.state.NetworkEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Networks by what a client calls them: the whole id, the name, or the beginning of the id, in this order. */
@ApplicationScoped
public class FindNetwork {
    private final Mutiny.SessionFactory sessions;

    FindNetwork(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    /** Fails with {@code NotFound}, and with {@code BadParameter} when several ids begin so. */
    public Uni<NetworkEntity> find(String term) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from NetworkEntity n where n.name = :term or n.id like :prefix escape '!'"
                                        + " order by n.createdAt, n.id",
                                NetworkEntity.class)
                        .setParameter("term", term)
                        .setParameter("prefix", term.replaceAll("[!%_]", "!$0") + "%")
                        .getResultList())
                .map(found -> choose(term, found));
    }

    private static NetworkEntity choose(String term, List<NetworkEntity> found) {
        for (NetworkEntity network : found) {
            if (network.id.equals(term)) {
                return network;
            }
        }
        for (NetworkEntity network : found) {
            if (network.name.equals(term)) {
                return network;
            }
        }
        if (found.isEmpty()) {
            throw new EngineError.NotFound("network " + term + " not found");
        }
        if (found.size() > 1) {
            throw new EngineError.BadParameter(
                    "network %s is ambiguous (%d matches found based on ID prefix)".formatted(term, found.size()));
        }
        return found.getFirst();
    }
}
