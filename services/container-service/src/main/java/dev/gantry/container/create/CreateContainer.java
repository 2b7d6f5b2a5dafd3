package dev.gantry.container.create;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Replica;
import dev.gantry.container.volume.NewVolumes;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/create}. Phases: {@link PrepareContainer} decides everything; {@link ReserveContainer} takes
 * name and volumes with a hidden row; the host unpacks layers, makes volumes and keeps the specification; the row becomes
 * visible with {@code create} in one statement. When the host fails, what it made is deleted and the row goes ({@link
 * UndoCreate}); after a crash another replica, or this one when it starts again, does so.
 */
@ApplicationScoped
public class CreateContainer {
    private static final String SHOW = "update container.containers set operation = null, operation_id = null,"
            + " operation_owner = null where id = :id and operation_id = cast(:operation as uuid)"
            + " and operation_owner = cast(:owner as integer)"
            + " returning cast(pg_notify('" + Replica.CHANNEL + "', :change) as text)";

    /** Ports in a body that are read in less than a millisecond. */
    private static final int LARGE = 200;

    private final PrepareContainer prepare;
    private final ReserveContainer reserve;
    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final NewVolumes volumes;
    private final ContainerFacts facts;
    private final Changes changes;
    private final UndoCreate undo;

    CreateContainer(
            PrepareContainer prepare,
            ReserveContainer reserve,
            Mutiny.SessionFactory sessions,
            HostAgents agents,
            NewVolumes volumes,
            ContainerFacts facts,
            Changes changes,
            UndoCreate undo) {
        this.prepare = prepare;
        this.reserve = reserve;
        this.sessions = sessions;
        this.agents = agents;
        this.volumes = volumes;
        this.facts = facts;
        this.changes = changes;
        this.undo = undo;
    }

    /**
     * @param name as the client wrote it; null or empty for a generated one
     * @param platform {@code os[/arch[/variant]]} or empty
     */
    public Uni<ContainerResults.Created> create(String name, String platform, JsonNode body, ApiVersion version) {
        return Uni.createFrom().deferred(() -> {
            String wanted = name == null || name.isEmpty() ? null : ContainerNames.check(name);
            return parsed(body)
                    .chain(request -> prepare.prepare(request, platform, version))
                    .map(made -> made.warnedFirst(KernelMemory.warnings(body, version)))
                    .chain(made -> reserve.reserve(made, wanted)
                            .chain(row -> onHost(made, row))
                            .replaceWith(new ContainerResults.Created(made.id(), made.warnings())));
        });
    }

    /** A body that publishes each of thousands of ports is not read on an event loop. */
    private static Uni<CreateRequest> parsed(JsonNode body) {
        boolean large = body != null
                && body.path("ExposedPorts").size()
                                + body.path("HostConfig").path("PortBindings").size()
                        > LARGE;
        return large
                ? Background.here(CompletableFuture.supplyAsync(
                                () -> CreateRequest.parse(body), Infrastructure.getDefaultExecutor()))
                        .onFailure(CompletionException.class)
                        .transform(Throwable::getCause)
                : Uni.createFrom().item(CreateRequest.parse(body));
    }

    private Uni<Void> onHost(NewContainer made, ContainerEntity row) {
        Uni<Void> volumesFirst = made.plan().makesMore()
                ? volumes.make(made.operation())
                : Uni.createFrom().voidItem();
        return volumesFirst
                .chain(() -> agents.create(row.hostId, made.spec(row.name), made.operation()))
                .chain(created -> appear(row, created.volumeMountpoints()))
                .onFailure()
                .call(failure -> HostAgents.unreachable(failure) ? undo.later(row) : undo.undo(row))
                .onFailure()
                .transform(AgentErrors::translate);
    }

    private Uni<Void> appear(ContainerEntity row, Map<String, String> mountpoints) {
        return mountpoints == null || mountpoints.isEmpty()
                ? sessions.withSession(session -> show(session, row))
                : sessions.withTransaction(
                        session -> volumes.appear(session, mountpoints).chain(() -> show(session, row)));
    }

    /** Fails when the recovery has taken it over meanwhile, as it does after the database was away. */
    private Uni<Void> show(Mutiny.Session session, ContainerEntity row) {
        return facts.append(
                        session,
                        SHOW,
                        Map.of(
                                "id",
                                row.id,
                                "operation",
                                row.operationId,
                                "owner",
                                row.operationOwner,
                                "change",
                                changes.notice(row)),
                        ContainerFacts.of(row, "create"))
                .invoke(shown -> {
                    if (!shown) {
                        throw new EngineError.Unavailable(
                                "the database was away while the container was being created; try again");
                    }
                })
                .replaceWithVoid();
    }
}
