package dev.gantry.container.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Brings what a running container has on its networks to what it is to have. Phases: the row says which networks it is to be
 * on, and that it is being changed; network-service gives what is lacking; the host takes up the plan; network-service frees
 * what is there too much; what it has now is stored. Each can be repeated, so that a crash in between is finished later. When
 * one fails, the row says again what it said before, and what was given is freed.
 */
@ApplicationScoped
public class ChangeNetworks {
    static final String NOT_HOST = "container cannot be disconnected from host network or connected to host network";

    private static final Logger LOG = Logger.getLogger(ChangeNetworks.class);

    private final Operations operations;
    private final Networks networks;
    private final HostAgents agents;
    private final InformedHost host;
    private final LinkedContainers linked;
    private final Changes changes;
    private final Replica replica;

    ChangeNetworks(
            Operations operations,
            Networks networks,
            HostAgents agents,
            InformedHost host,
            LinkedContainers linked,
            Changes changes,
            Replica replica) {
        this.operations = operations;
        this.networks = networks;
        this.agents = agents;
        this.host = host;
        this.linked = linked;
        this.changes = changes;
        this.replica = replica;
    }

    /**
     * A change that has begun.
     *
     * @param before the column {@code endpoints} as it was
     */
    public record Change(ContainerEntity container, String before) {}

    static EngineError markedForRemoval(ContainerEntity container) {
        return new EngineError.Failed("Container " + container.id
                + " is marked for removal and cannot be connected or disconnected to the network");
    }

    /**
     * Marks a row, which is locked, as being changed.
     *
     * @return null for a container that does not run: there is nothing to carry out
     */
    public Change begin(ContainerEntity row, String before) {
        if (!(row.state() instanceof ContainerState.Alive)) {
            return null;
        }
        row.begin(Operation.NETWORK, UUID.randomUUID(), replica.number());
        return new Change(row, before);
    }

    /** @param change null for none */
    public Uni<Void> carryOut(Change change) {
        return change == null
                ? Uni.createFrom().voidItem()
                : attempt(change.container(), Instant.now().plus(HostAgents.PATIENCE))
                        .onFailure()
                        .recoverWithUni(failure -> undo(change, failure));
    }

    /** Finishes what another replica or an earlier call began, of which its host may have carried out any part. */
    public Uni<Void> finish(ContainerEntity container) {
        AskedNetworks got = AskedNetworks.of(container);
        got.retain(container.attachment());
        return carryOut(new Change(container, got.column()));
    }

    private Uni<Void> attempt(ContainerEntity container, Instant limit) {
        ConnectRequest request = ConnectRequests.of(container);
        return networks.connect(request)
                .chain(attachment -> told(container, attachment))
                .chain(attachment -> onHost(container, request, attachment, 0))
                .chain(attachment ->
                        networks.keep(container.id, ids(attachment)).chain(() -> store(container, attachment)))
                .onFailure(failure ->
                        HostAgents.unreachable(failure) && Instant.now().isBefore(limit))
                .recoverWithUni(() -> Background.pause(HostAgents.RETRY_DELAY).chain(() -> attempt(container, limit)));
    }

    /** Of what it is linked to and does not run now it knows what it knew. */
    private Uni<Attachment> told(ContainerEntity container, Attachment attachment) {
        return linked.tellAgain(container, attachment)
                .onFailure(EngineError.Failed.class)
                .recoverWithItem(() -> new Attachment(
                        attachment
                                .plan()
                                .withLinked(
                                        container.attachment() == null
                                                ? List.of()
                                                : container.attachment().plan().linked()),
                        attachment.endpoints(),
                        attachment.ports()));
    }

    /** What it got in the end: ports that something else on the host has are given anew. */
    private Uni<Attachment> onHost(
            ContainerEntity container, ConnectRequest request, Attachment attachment, int retries) {
        return host.call(
                        container.hostId,
                        attachment.plan(),
                        () -> agents.changeNetwork(container.hostId, container.id, attachment.plan()))
                .onFailure()
                .transform(failure -> TakenPorts.about(container.name, attachment.plan(), failure))
                .onFailure(ChangeNetworks::ended)
                // Its end is reported, or will be; what is stored then is freed.
                .recoverWithNull()
                .replaceWith(attachment)
                .onFailure(failure -> TakenPorts.worthRetrying(failure, retries))
                .recoverWithUni(failure -> networks.reassignPorts(request, TakenPorts.in(failure))
                        .chain(other -> told(container, other))
                        .chain(other -> onHost(container, request, other, retries + 1)));
    }

    private static boolean ended(Throwable failure) {
        return failure instanceof AgentFailure refused
                && (refused.code() == AgentFailure.Code.NOT_FOUND
                        || refused.code() == AgentFailure.Code.CONFLICT
                                && refused.getMessage().endsWith("is not running"));
    }

    private static List<String> ids(Attachment attachment) {
        return attachment == null
                ? List.of()
                : attachment.endpoints().stream()
                        .map(Networks.AttachedEndpoint::networkId)
                        .toList();
    }

    private Uni<Void> store(ContainerEntity container, Attachment attachment) {
        return operations
                .locked(container.id, (session, row) -> {
                    boolean alive = row.state() instanceof ContainerState.Alive;
                    if (!isUnderWay(row, container)) {
                        return Uni.createFrom().item(alive);
                    }
                    row.network = alive ? StoredJson.write(attachment) : null;
                    AskedNetworks.got(row, attachment);
                    row.finishOperation();
                    return changes.tell(session, row).replaceWith(alive);
                })
                .onFailure(EngineError.NotFound.class)
                .recoverWithItem(false)
                .chain(alive -> alive ? Uni.createFrom().voidItem() : networks.disconnect(container.id));
    }

    private static boolean isUnderWay(ContainerEntity row, ContainerEntity container) {
        return container.operationId.equals(row.operationId);
    }

    private Uni<Void> undo(Change change, Throwable failure) {
        ContainerEntity container = change.container();
        Throwable told = AgentErrors.translate(failure);
        if (HostAgents.unreachable(failure)) {
            // Whether the host did it is not known: the recovery has it do so again.
            return abandon(container).chain(() -> Uni.createFrom().failure(told));
        }
        return reverted(change)
                .chain(row -> networks.keep(container.id, ids(row.attachment())))
                .chain(() -> finished(container))
                .onFailure()
                .recoverWithUni(other -> {
                    LOG.warnf("container %s: what a change of its networks made stays: %s", container.shortId(), other);
                    return abandon(container);
                })
                .chain(() -> Uni.createFrom().failure(told));
    }

    private Uni<ContainerEntity> reverted(Change change) {
        return operations.locked(change.container().id, (session, row) -> {
            if (isUnderWay(row, change.container())) {
                row.endpoints = change.before();
            }
            return Uni.createFrom().item(row);
        });
    }

    private Uni<Void> finished(ContainerEntity container) {
        return operations.locked(container.id, (session, row) -> {
            if (!isUnderWay(row, container)) {
                return Uni.createFrom().voidItem();
            }
            row.finishOperation();
            return changes.tell(session, row);
        });
    }

    private Uni<Void> abandon(ContainerEntity container) {
        return operations
                .locked(container.id, (session, row) -> {
                    if (isUnderWay(row, container)) {
                        row.operationOwner = 0;
                    }
                    return Uni.createFrom().voidItem();
                })
                .onFailure(EngineError.NotFound.class)
                .recoverWithNull()
                .replaceWithVoid();
    }
}
