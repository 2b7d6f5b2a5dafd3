package dev.gantry.container.remove;

import dev.gantry.container.host.HostAgents;
import dev.gantry.container.kept.KeptLogs;
import dev.gantry.container.query.InspectContainer;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operations;
import dev.gantry.container.volume.RemoveAnonymousVolumes;
import dev.gantry.container.volume.VolumeEntity;
import dev.gantry.service.row.Rows;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Carries out a removal that is decided (desired state "removed"). Phases: the host ends and deletes the container; its
 * end is waited for, so that {@code die} comes before {@code destroy}; the row goes, with {@code destroy} in the same
 * transaction, and its own volumes marked; then those. Each phase can be repeated, so after a crash it starts over.
 */
@ApplicationScoped
public class FinishRemoval {
    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final Operations operations;
    private final ContainerFacts facts;
    private final Changes changes;
    private final RemoveAnonymousVolumes volumes;
    private final KeptLogs kept;
    private final InspectContainer inspection;

    FinishRemoval(
            Mutiny.SessionFactory sessions,
            HostAgents agents,
            Operations operations,
            ContainerFacts facts,
            Changes changes,
            RemoveAnonymousVolumes volumes,
            KeptLogs kept,
            InspectContainer inspection) {
        this.sessions = sessions;
        this.agents = agents;
        this.operations = operations;
        this.facts = facts;
        this.changes = changes;
        this.volumes = volumes;
        this.kept = kept;
        this.inspection = inspection;
    }

    /** A container that is gone already is no error. */
    public Uni<Void> finish(String id) {
        return sessions.withSession(session -> session.find(ContainerEntity.class, id))
                .chain(container -> container == null || container.desired() != Desired.REMOVED
                        ? Uni.createFrom().voidItem()
                        : toKeep(container).chain(log -> agents.delete(container.hostId, id, true)
                                .chain(() -> operations.ended(id))
                                .chain(() -> destroy(id, log))
                                .chain(volumes::finish)));
    }

    /** What is told of it for as long as its log is kept; null for a container that leaves none. */
    private Uni<KeptLogs.Kept> toKeep(ContainerEntity container) {
        return kept.applyTo(container)
                ? inspection
                        .ofGone(container.id)
                        .map(json -> json == null ? null : new KeptLogs.Kept(container.id, container.hostId, json))
                : Uni.createFrom().nullItem();
    }

    private Uni<List<VolumeEntity>> destroy(String id, KeptLogs.Kept log) {
        return sessions.withTransaction(session -> session.find(
                        ContainerEntity.class, id, LockModeType.PESSIMISTIC_WRITE)
                .chain(container -> container == null
                        ? Uni.createFrom().item(List.of())
                        : volumes.mark(session, container)
                                .call(() -> facts.append(session, container, "destroy"))
                                .call(() -> changes.tellRemoved(session, container))
                                .call(() -> log == null ? Uni.createFrom().voidItem() : kept.add(session, log))
                                .call(() -> Rows.delete(session, container))));
    }
}
