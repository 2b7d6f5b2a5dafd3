package dev.gantry.container.volume;

import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.service.fact.Fact;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/** Docker's events of volumes. */
@ApplicationScoped
public class VolumeFacts {
    private final ContainerFacts facts;

    VolumeFacts(ContainerFacts facts) {
        this.facts = facts;
    }

    public Uni<Void> created(Mutiny.Session session, VolumeEntity volume) {
        return facts.append(session, of(volume.name, "create", Map.of("driver", volume.driver), volume.hostId));
    }

    public Uni<Void> destroyed(Mutiny.Session session, VolumeEntity volume) {
        return facts.append(session, of(volume.name, "destroy", Map.of("driver", volume.driver), volume.hostId));
    }

    /** One {@code mount} for each volume of the container. */
    public Uni<Void> mounted(Mutiny.Session session, ContainerEntity container) {
        return each(session, container, mount -> {
            Map<String, String> attributes = new LinkedHashMap<>();
            attributes.put("container", container.id);
            attributes.put("destination", mount.target());
            attributes.put("driver", mount.driverOrLocal());
            attributes.put("propagation", "");
            attributes.put("read/write", Boolean.toString(!mount.readOnly()));
            return of(mount.source(), "mount", attributes, container.hostId);
        });
    }

    public Uni<Void> unmounted(Mutiny.Session session, ContainerEntity container) {
        return each(
                session,
                container,
                mount -> of(
                        mount.source(),
                        "unmount",
                        Map.of("container", container.id, "driver", mount.driverOrLocal()),
                        container.hostId));
    }

    private Uni<Void> each(Mutiny.Session session, ContainerEntity container, Function<PlannedMount, Fact> fact) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (PlannedMount mount : container.mounts()) {
            if (mount.isVolume()) {
                all = all.chain(() -> facts.append(session, fact.apply(mount)));
            }
        }
        return all;
    }

    private static Fact of(String name, String action, Map<String, String> attributes, String hostId) {
        return Fact.of("volume", action, name, attributes, hostId);
    }
}
