package dev.gantry.container.update;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.container.create.ResourceRules;
import dev.gantry.container.create.SpecBuilder;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.Replica;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/{id}/update}. Phases: the row says what the container is to have and that it is being updated; its
 * host sets the limits of one that runs and keeps them for its next starts, also by the restart policy; the row has them, with
 * the fact {@code update}. When the host refuses, nothing has changed there, and the row forgets what was wanted. A crash in
 * between is finished by the recovery: the host is told the same again.
 */
@ApplicationScoped
public class UpdateContainer {
    private final Operations operations;
    private final KnownHosts hosts;
    private final HostAgents agents;
    private final ContainerFacts facts;
    private final Changes changes;
    private final Replica replica;

    UpdateContainer(
            Operations operations,
            KnownHosts hosts,
            HostAgents agents,
            ContainerFacts facts,
            Changes changes,
            Replica replica) {
        this.operations = operations;
        this.hosts = hosts;
        this.agents = agents;
        this.facts = facts;
        this.changes = changes;
        this.replica = replica;
    }

    public Uni<ContainerResults.Updated> update(String reference, JsonNode body, ApiVersion version) {
        UpdateRequest asked = UpdateRequest.parse(body, version);
        asked.check();
        return operations
                .find(reference)
                .chain(container -> hosts.description(container.hostId))
                .chain(host -> {
                    ResourceRules.checkOn(host, asked.wanted());
                    List<String> warnings = new ArrayList<>(ResourceRules.warnings(host, asked.wanted()));
                    warnings.addAll(asked.warnings());
                    HostConfig possible = ResourceRules.possible(host, asked.wanted());
                    return operations
                            .idle(reference, (session, row) -> Uni.createFrom()
                                    .item(begin(row, possible, asked.policy())))
                            .chain(this::carryOut)
                            .replaceWith(new ContainerResults.Updated(warnings.isEmpty() ? null : warnings));
                });
    }

    private ContainerEntity begin(ContainerEntity row, HostConfig wanted, boolean policy) {
        if (row.state() instanceof ContainerState.Removing || row.state() instanceof ContainerState.Dead) {
            throw new EngineError.Failed(prefix(row) + "container is marked for removal and cannot be \"update\"");
        }
        row.hostConfigToBe(UpdateRules.merge(prefix(row), row.hostConfig(), wanted, policy));
        row.begin(Operation.UPDATE, UUID.randomUUID(), replica.number());
        return row;
    }

    private static String prefix(ContainerEntity row) {
        return "Cannot update container " + row.id + ": ";
    }

    /** Finishes what another replica or an earlier call began. */
    public Uni<Void> finish(ContainerEntity container) {
        return carryOut(container);
    }

    private Uni<Void> carryOut(ContainerEntity container) {
        return told(container, Instant.now().plus(HostAgents.PATIENCE))
                .chain(() -> end(container, true))
                .onFailure()
                .recoverWithUni(failure -> failure instanceof AgentFailure refused && !HostAgents.unreachable(failure)
                        ? refused(container, refused)
                        : abandon(container, failure));
    }

    private Uni<Void> told(ContainerEntity container, Instant limit) {
        return agents.changeLimits(container.hostId, container.id, SpecBuilder.limits(container.hostConfigToBe()))
                .onFailure(failure ->
                        HostAgents.unreachable(failure) && Instant.now().isBefore(limit))
                .recoverWithUni(() -> Background.pause(HostAgents.RETRY_DELAY).chain(() -> told(container, limit)));
    }

    private Uni<Void> refused(ContainerEntity container, AgentFailure failure) {
        EngineError told = failure.code() == AgentFailure.Code.NOT_FOUND
                ? AgentErrors.translate(failure)
                : new EngineError.Failed(prefix(container) + failure.getMessage());
        return end(container, false).chain(() -> Uni.createFrom().failure(told));
    }

    /** Whether the host did it is not known, or was not noted: the recovery has it do so again. */
    private Uni<Void> abandon(ContainerEntity container, Throwable failure) {
        return ifUnderWay(container, (session, row) -> {
                    row.operationOwner = 0;
                    return Uni.createFrom().voidItem();
                })
                .onFailure()
                .recoverWithNull()
                .chain(() -> Uni.createFrom().failure(AgentErrors.translate(failure)));
    }

    private Uni<Void> end(ContainerEntity container, boolean applied) {
        return ifUnderWay(container, (session, row) -> {
            row.endUpdate(applied);
            Uni<Void> told = applied
                    ? facts.append(session, row, "update")
                    : Uni.createFrom().voidItem();
            return told.chain(() -> changes.tell(session, row));
        });
    }

    /** One that removes itself may be about to, or be gone. */
    private Uni<Void> ifUnderWay(
            ContainerEntity container, BiFunction<Mutiny.Session, ContainerEntity, Uni<Void>> step) {
        return operations.ifThere(
                container.id,
                (session, row) -> container.operationId.equals(row.operationId)
                        ? step.apply(session, row)
                        : Uni.createFrom().voidItem());
    }
}
