package dev.gantry.container.run;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.network.AskedNetworks;
import dev.gantry.container.network.ChangeLinks;
import dev.gantry.container.network.ConnectRequests;
import dev.gantry.container.network.InformedHost;
import dev.gantry.container.network.LinkedContainers;
import dev.gantry.container.network.TakenPorts;
import dev.gantry.container.remove.FinishRemoval;
import dev.gantry.container.report.ApplyReports;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/{id}/start}. Phases: the row is marked as being started; network-service allocates; the host
 * starts it; what the host observed, and {@code start}, are stored in one transaction. When a phase fails, what was
 * allocated is freed, and the state tells why. A crash in between is finished later with the same operation id, which
 * makes the host repeat its answer instead of its work.
 */
@ApplicationScoped
public class StartContainer {
    /** How long a host may take to report a start that it has confirmed. */
    private static final Duration REPORT_DELAY = Duration.ofSeconds(10);

    private final Operations operations;
    private final Mutiny.SessionFactory sessions;
    private final Networks networks;
    private final HostAgents agents;
    private final InformedHost host;
    private final LinkedContainers linked;
    private final ChangeLinks links;
    private final ApplyReports reports;
    private final Changes changes;
    private final Replica replica;
    private final FinishRemoval removal;
    private final Background background;

    StartContainer(
            Operations operations,
            Mutiny.SessionFactory sessions,
            Networks networks,
            HostAgents agents,
            InformedHost host,
            LinkedContainers linked,
            ChangeLinks links,
            ApplyReports reports,
            Changes changes,
            Replica replica,
            FinishRemoval removal,
            Background background) {
        this.operations = operations;
        this.sessions = sessions;
        this.networks = networks;
        this.agents = agents;
        this.host = host;
        this.linked = linked;
        this.links = links;
        this.reports = reports;
        this.changes = changes;
        this.replica = replica;
        this.removal = removal;
        this.background = background;
    }

    /** Fails with {@code NotModified} when it runs already. */
    public Uni<Void> start(String reference) {
        return operations
                .idle(reference, (session, container) -> begin(container))
                .chain(this::carryOut);
    }

    private Uni<ContainerEntity> begin(ContainerEntity container) {
        switch (container.state()) {
            case ContainerState.Paused paused ->
                throw new EngineError.Conflict("cannot start a paused container, try unpause instead");
            case ContainerState.Running running -> throw new EngineError.NotModified();
            case ContainerState.Removing removing ->
                throw new EngineError.Conflict("container is marked for removal and cannot be started");
            case ContainerState.Dead dead ->
                throw new EngineError.Conflict("container is marked for removal and cannot be started");
            case ContainerState.Restarting restarting -> throw new EngineError.NotModified();
            case ContainerState.Startable startable -> {
                container.desire(Desired.RUNNING);
                container.begin(Operation.START, UUID.randomUUID(), replica.number());
                return Uni.createFrom().item(container);
            }
        }
    }

    private Uni<Void> carryOut(ContainerEntity container) {
        Instant limit = Instant.now().plus(HostAgents.PATIENCE);
        return connected(container)
                .chain(connected -> startOn(connected, null)
                        .onFailure(failure ->
                                HostAgents.unreachable(failure) && Instant.now().isBefore(limit))
                        .recoverWithUni(() -> again(connected, limit)))
                .onFailure()
                .recoverWithUni(failure -> undo(container, failure))
                .invoke(() -> tellLinked(container));
    }

    private void tellLinked(ContainerEntity container) {
        if (container.linkedTo) {
            background.run("telling who is linked to container " + container.id, () -> links.started(container.id));
        }
    }

    /** Finishes a start that another replica or an earlier call began, which its host may have carried out or not. */
    public Uni<Void> finish(ContainerEntity container) {
        return connected(container)
                .chain(connected -> startOn(connected, lastStart(container)))
                .onFailure()
                .recoverWithUni(failure -> undo(container, failure))
                .invoke(() -> tellLinked(container));
    }

    /** A host's agent that was killed is soon back, and the container may have been started or not. */
    private Uni<Void> again(Connected connected, Instant limit) {
        return Background.pause(HostAgents.RETRY_DELAY)
                .chain(() -> startOn(connected, lastStart(connected.container())))
                .onFailure(failure ->
                        HostAgents.unreachable(failure) && Instant.now().isBefore(limit))
                .recoverWithUni(() -> again(connected, limit));
    }

    private static ContainerOperations.LastStart lastStart(ContainerEntity container) {
        return new ContainerOperations.LastStart(container.state().history().startedAt());
    }

    /** A container whose start has begun, and its place in its networks. */
    private record Connected(
            ContainerEntity container, Networks.ConnectRequest request, Networks.Attachment attachment) {}

    private Uni<Connected> connected(ContainerEntity container) {
        Networks.ConnectRequest request = ConnectRequests.of(container).in(container.operationId);
        return checkShared(container)
                .chain(() -> networks.connect(request))
                .chain(attachment -> linked.tell(container, attachment))
                .map(attachment -> new Connected(container, request, attachment));
    }

    /** The container whose network namespace is shared must run. */
    private Uni<Void> checkShared(ContainerEntity container) {
        String prefix = "container:";
        if (!container.networkMode.startsWith(prefix)) {
            return Uni.createFrom().voidItem();
        }
        return operations
                .find(container.networkMode.substring(prefix.length()))
                .invoke(other -> {
                    if (other.id.equals(container.id)) {
                        throw new EngineError.Failed("cannot join own network");
                    }
                    if (!(other.state() instanceof ContainerState.Running)) {
                        throw new EngineError.Conflict("cannot join network of a non running container: " + other.id);
                    }
                })
                .replaceWithVoid();
    }

    /** @param known as in {@link ContainerOperations.Start} */
    private Uni<Void> startOn(Connected connected, ContainerOperations.LastStart known) {
        return startOn(connected.container(), connected.request(), connected.attachment(), known, 0);
    }

    private Uni<Void> startOn(
            ContainerEntity container,
            Networks.ConnectRequest request,
            Networks.Attachment attachment,
            ContainerOperations.LastStart known,
            int retries) {
        ContainerOperations.Start start = new ContainerOperations.Start(attachment.plan(), known);
        UUID operation = TakenPorts.operation(container.operationId, retries);
        return host.call(
                        container.hostId,
                        attachment.plan(),
                        () -> agents.start(container.hostId, container.id, start, operation))
                .chain(started ->
                        started(container, attachment, started).onFailure().transform(NotStored::new))
                .onFailure()
                .transform(failure -> TakenPorts.about(container.name, attachment.plan(), failure))
                .onFailure(StartContainer::carriedOut)
                .recoverWithUni(() -> adopt(container, attachment).onFailure().transform(NotStored::new))
                .onFailure(failure -> TakenPorts.worthRetrying(failure, retries))
                .recoverWithUni(failure -> networks.reassignPorts(request, TakenPorts.in(failure))
                        .chain(other -> linked.tell(container, other))
                        .chain(other -> startOn(container, request, other, known, retries + 1)));
    }

    /** An agent that was started anew since does not know the operation any more, but the container. */
    private static boolean carriedOut(Throwable failure) {
        return failure instanceof AgentFailure refused
                && refused.code() == AgentFailure.Code.CONFLICT
                && (refused.getMessage().endsWith(ContainerOperations.RUNNING_ALREADY)
                        || refused.getMessage().endsWith(ContainerOperations.STARTED_SINCE));
    }

    /** Its report of the start is on the way, or was applied. */
    private Uni<Void> adopt(ContainerEntity container, Networks.Attachment attachment) {
        Instant limit = Instant.now().plus(REPORT_DELAY);
        return operations
                .ifThere(container.id, (session, row) -> {
                    if (isStarting(row, container) || row.state() instanceof ContainerState.Alive) {
                        row.network = StoredJson.write(attachment);
                        AskedNetworks.got(row, attachment);
                    }
                    return Uni.createFrom().voidItem();
                })
                .chain(() -> changes.until(container.id, () -> sessions.withSession(
                                session -> session.find(ContainerEntity.class, container.id))
                        .map(row -> row == null
                                        || !isStarting(row, container)
                                        || Instant.now().isAfter(limit)
                                ? Boolean.TRUE
                                : null)))
                .chain(() -> operations.ifThere(container.id, (session, row) -> {
                    if (!isStarting(row, container)) {
                        return Uni.createFrom().voidItem();
                    }
                    row.finishOperation();
                    return changes.tell(session, row);
                }));
    }

    private static boolean isStarting(ContainerEntity row, ContainerEntity container) {
        return container.operationId.equals(row.operationId);
    }

    private Uni<Void> started(
            ContainerEntity container, Networks.Attachment attachment, ContainerOperations.Started started) {
        return operations.ifThere(container.id, (session, row) -> {
            long seen = row.observedSequence;
            row.network = StoredJson.write(attachment);
            AskedNetworks.got(row, attachment);
            return reports.apply(session, row, started.epoch(), started.report())
                    .chain(() -> {
                        row.finishOperation();
                        if (!(row.state() instanceof ContainerState.Alive)) {
                            // It has ended already, by a report that overtook this answer.
                            row.network = null;
                        }
                        return row.observedSequence != seen ? Uni.createFrom().voidItem() : changes.tell(session, row);
                    });
        });
    }

    private Uni<Void> undo(ContainerEntity container, Throwable failure) {
        if (failure instanceof NotStored notStored) {
            return abandon(container).chain(() -> Uni.createFrom().failure(notStored.getCause()));
        }
        StartFailure reason = StartFailure.of(failure);
        if (HostAgents.unreachable(failure)) {
            // Whether the host started it is not known: the recovery finds out, with the same operation id.
            return abandon(container).chain(() -> Uni.createFrom().failure(reason.error()));
        }
        return networks.disconnect(container.id)
                .onFailure()
                .recoverWithNull()
                .chain(() -> failed(container, reason))
                .chain(() -> Uni.createFrom().failure(reason.error()));
    }

    /** It runs on its host, and the database does not know. */
    private static final class NotStored extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotStored(Throwable cause) {
            super(cause);
        }
    }

    private Uni<Void> failed(ContainerEntity container, StartFailure reason) {
        return sessions.withTransaction(
                        session -> session.find(ContainerEntity.class, container.id, LockModeType.PESSIMISTIC_WRITE)
                                .chain(row -> {
                                    row.finishOperation();
                                    row.desire(Desired.STOPPED);
                                    if (row.state() instanceof ContainerState.Startable state) {
                                        int before = row.state().history().exitCode();
                                        row.become(state.failed(reason.exitCode(before), reason.message()));
                                    }
                                    if (row.autoRemove) {
                                        row.desire(Desired.REMOVED);
                                        row.removeVolumes = true;
                                        row.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
                                    }
                                    return changes.tell(session, row).replaceWith(row.autoRemove);
                                }))
                .invoke(remove -> {
                    if (remove) {
                        background.run("removing container " + container.id, () -> removal.finish(container.id));
                    }
                })
                .replaceWithVoid();
    }

    /**
     * Asks network-service again what a running container got, when a crash kept it from being stored: the same request
     * has the same answer.
     */
    public Uni<Void> reconnect(ContainerEntity container) {
        return networks.connect(ConnectRequests.of(container))
                .chain(attachment -> linked.tell(container, attachment)
                        .onFailure(EngineError.Failed.class)
                        .recoverWithItem(attachment))
                .chain(attachment -> operations.locked(container.id, (session, row) -> {
                    boolean alive = row.state() instanceof ContainerState.Alive;
                    if (alive) {
                        row.network = StoredJson.write(attachment);
                        AskedNetworks.got(row, attachment);
                    }
                    return Uni.createFrom().item(alive);
                }))
                .chain(alive -> alive ? Uni.createFrom().voidItem() : networks.disconnect(container.id));
    }

    private Uni<Void> abandon(ContainerEntity container) {
        return operations.locked(container.id, (session, row) -> {
            if (isStarting(row, container)) {
                row.operationOwner = 0;
            }
            return Uni.createFrom().voidItem();
        });
    }
}
