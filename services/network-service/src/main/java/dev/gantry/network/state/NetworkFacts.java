package dev.gantry.network.state;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.outbox.Outbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/** What happened to networks, as {@code docker events} shows it: attributes name, type and container. */
@ApplicationScoped
public class NetworkFacts {
    private final Outbox outbox;

    NetworkFacts(ObjectMapper json) {
        this.outbox = new Outbox(NetworkSchema.NAME, json);
    }

    /** @return the network */
    public Uni<NetworkEntity> created(Mutiny.Session session, NetworkEntity network) {
        return told(session, "create", network);
    }

    /** @return the network */
    public Uni<NetworkEntity> destroyed(Mutiny.Session session, NetworkEntity network) {
        return told(session, "destroy", network);
    }

    /** Once for each prune, whatever it removed. */
    public Uni<Void> pruned(Mutiny.Session session) {
        return outbox.append(session, Fact.pruned("network", 0));
    }

    private Uni<NetworkEntity> told(Mutiny.Session session, String action, NetworkEntity network) {
        Map<String, String> attributes = Map.of("name", network.name, "type", network.driver);
        return outbox.append(session, Fact.of("network", action, network.id, attributes, ""))
                .replaceWith(network);
    }

    public Uni<Void> connected(Mutiny.Session session, NetworkEntity network, String containerId, String hostId) {
        return attached(session, "connect", network, containerId, hostId);
    }

    public Uni<Void> disconnected(Mutiny.Session session, NetworkEntity network, String containerId, String hostId) {
        return attached(session, "disconnect", network, containerId, hostId);
    }

    private Uni<Void> attached(
            Mutiny.Session session, String action, NetworkEntity network, String containerId, String hostId) {
        Map<String, String> attributes = Map.of("name", network.name, "type", network.driver, "container", containerId);
        return outbox.append(session, Fact.of("network", action, network.id, attributes, hostId));
    }
}
