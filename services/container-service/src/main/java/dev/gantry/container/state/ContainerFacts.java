package dev.gantry.container.state;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.outbox.Outbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/** Tells of containers in Docker's event shape: attributes are the labels, {@code image} and {@code name}, and more. */
@ApplicationScoped
public class ContainerFacts {
    private final Outbox outbox;

    ContainerFacts(ObjectMapper json) {
        this.outbox = new Outbox(ContainerSchema.NAME, json);
    }

    public static Fact of(ContainerEntity container, String action) {
        return of(container, action, Map.of());
    }

    public static Fact of(ContainerEntity container, String action, Map<String, String> more) {
        Map<String, String> attributes = new LinkedHashMap<>(container.labels());
        attributes.put("image", container.imageReference);
        attributes.put("name", container.name);
        attributes.putAll(more);
        return Fact.of("container", action, container.id, attributes, container.hostId);
    }

    public static Fact killed(ContainerEntity container, int signal) {
        return of(container, "kill", Map.of("signal", Integer.toString(signal)));
    }

    public Uni<Void> append(Mutiny.Session session, ContainerEntity container, String action) {
        return append(session, of(container, action));
    }

    public Uni<Void> append(
            Mutiny.Session session, ContainerEntity container, String action, Map<String, String> more) {
        return append(session, of(container, action, more));
    }

    /** As {@link Outbox#append(Mutiny.Session, String, Map, Fact)}. */
    public Uni<Boolean> append(Mutiny.Session session, String change, Map<String, Object> values, Fact fact) {
        return outbox.append(session, change, values, fact);
    }

    public Uni<Void> append(Mutiny.Session session, Fact fact) {
        return outbox.append(session, fact);
    }
}
