package dev.gantry.container.volume;

import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Replica;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** The volumes that a container had to itself go with it, when the removal asks for that. */
@ApplicationScoped
public class RemoveAnonymousVolumes {
    private static final Logger LOG = Logger.getLogger(RemoveAnonymousVolumes.class);
    private static final String OWN = "select v.name from container.volumes v"
            + " join container.volume_uses u on u.volume_name = v.name where u.container_id = :id and u.anonymous"
            + " and not exists (select 1 from container.volume_uses o"
            + " where o.volume_name = v.name and o.container_id <> :id)";

    private final RemoveVolume removal;
    private final Replica replica;

    RemoveAnonymousVolumes(RemoveVolume removal, Replica replica) {
        this.removal = removal;
        this.replica = replica;
    }

    /** Marks them in the transaction that removes the container, so that a crash behind it leaves none. */
    public Uni<List<VolumeEntity>> mark(Mutiny.Session session, ContainerEntity container) {
        if (!container.removeVolumes || container.mounts().isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return session.createNativeQuery(OWN, String.class)
                .setParameter("id", container.id)
                .getResultList()
                .chain(names -> names.isEmpty()
                        ? Uni.createFrom().item(List.<VolumeEntity>of())
                        : session.find(VolumeEntity.class, names.toArray()).invoke(this::mark));
    }

    private void mark(List<VolumeEntity> volumes) {
        for (VolumeEntity volume : volumes) {
            volume.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
        }
    }

    /** Never fails, for their container is gone: what its host cannot remove now, the recovery does. */
    public Uni<Void> finish(List<VolumeEntity> marked) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (VolumeEntity volume : marked) {
            all = all.chain(() -> removal.finish(volume).onFailure().recoverWithUni(failure -> {
                LOG.warnf("volume %s is removed later: %s", volume.name, failure.getMessage());
                return removal.abandon(volume).onFailure().recoverWithNull();
            }));
        }
        return all;
    }
}
