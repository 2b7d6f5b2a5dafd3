package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.Found;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.state.NetworkEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/** Looks at what a container that is being made wants on its networks. */
@ApplicationScoped
public class CheckEndpoints {
    private final Mutiny.SessionFactory sessions;
    private final FindNetwork find;

    CheckEndpoints(Mutiny.SessionFactory sessions, FindNetwork find) {
        this.sessions = sessions;
        this.find = find;
    }

    /** As {@link dev.gantry.engine.network.Networks#find}. */
    public Uni<Found> find(String term, EndpointRequest asked) {
        return find.find(term).map(network -> {
            if (asked != null) {
                WantedNetworks.check(List.of(network));
                EndpointRules.check(network, asked);
            }
            return new Found(network.id, network.name);
        });
    }

    /** As {@link dev.gantry.engine.network.Networks#check}. */
    public Uni<Void> check(Map<String, EndpointRequest> endpoints) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "from NetworkEntity n where n.name in (:names) or n.id in (:names)",
                                NetworkEntity.class)
                        .setParameter("names", endpoints.keySet())
                        .getResultList())
                .invoke(found -> endpoints.forEach((name, asked) -> check(name, asked, found)))
                .replaceWithVoid();
    }

    private static void check(String name, EndpointRequest asked, List<NetworkEntity> found) {
        found.stream()
                .filter(network -> network.name.equals(name) || network.id.equals(name))
                .findFirst()
                .ifPresent(network -> {
                    try {
                        EndpointRules.check(network, asked);
                    } catch (EngineError.BadParameter e) {
                        throw new EngineError.BadParameter(
                                "invalid config for network " + name + ": " + e.getMessage());
                    }
                });
    }
}
