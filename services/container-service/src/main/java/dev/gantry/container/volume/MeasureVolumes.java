package dev.gantry.container.volume;

import dev.gantry.container.host.HostAgents;
import dev.gantry.engine.container.VolumeRecords;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/** All volumes that are directories and no more, as dockerd, with their usage. Their hosts are asked one after the other; one that does not answer costs a size of -1. */
@ApplicationScoped
public class MeasureVolumes {
    private static final Logger LOG = Logger.getLogger(MeasureVolumes.class);
    private static final String USES =
            "select volume_name, count(distinct container_id) from container.volume_uses" + " group by volume_name";

    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;

    MeasureVolumes(Mutiny.SessionFactory sessions, HostAgents agents) {
        this.sessions = sessions;
        this.agents = agents;
    }

    private record Found(List<VolumeEntity> volumes, Map<String, Long> uses) {}

    public Uni<List<VolumeRecords.Volume>> measure() {
        return found().chain(found -> Multi.createFrom()
                .iterable(found.volumes().stream().filter(VolumeEntity::isPlain).toList())
                .onItem()
                .transformToUniAndConcatenate(volume -> size(volume).map(size -> volume.toRecord()
                        .withUsage(new VolumeRecords.Usage(size, found.uses().getOrDefault(volume.name, 0L)))))
                .collect()
                .asList());
    }

    private Uni<Found> found() {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "from VolumeEntity v where v.operation is null or v.operation <> 'create' order by v.name",
                        VolumeEntity.class)
                .getResultList()
                .chain(volumes -> session.createNativeQuery(USES, Object[].class)
                        .getResultList()
                        .map(rows -> new Found(
                                volumes,
                                rows.stream().collect(Collectors.toMap(row -> (String) row[0], row -> ((Number) row[1])
                                        .longValue()))))));
    }

    /** In bytes; -1 when its host does not say. */
    Uni<Long> size(VolumeEntity volume) {
        return agents.volumeSize(volume.hostId, volume.name)
                .onFailure()
                .invoke(e -> LOG.warnf("size of volume %s is not known: %s", volume.name, e.getMessage()))
                .onFailure()
                .recoverWithItem(-1L);
    }
}
