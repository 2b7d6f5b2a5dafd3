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
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.security.SecureRandom;
import java.util.Map;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * {@code POST /containers/create}. Phases: {@link PrepareContainer} decides everything; a hidden row takes the name and
 * the volumes; the host unpacks layers, makes volumes and keeps the specification; the row becomes visible with {@code
 * create} in one transaction. When the host fails, what it made is deleted and the row goes ({@link UndoCreate}); after
 * a crash another replica, or this one when it starts again, does so.
 */
@ApplicationScoped
public class CreateContainer {
    private static final int NAME_ATTEMPTS = 10;

    private final PrepareContainer prepare;
    private final Mutiny.SessionFactory sessions;
    private final HostAgents agents;
    private final NewVolumes volumes;
    private final ContainerFacts facts;
    private final Changes changes;
    private final Replica replica;
    private final UndoCreate undo;
    private final SecureRandom random = new SecureRandom();

    CreateContainer(
            PrepareContainer prepare,
            Mutiny.SessionFactory sessions,
            HostAgents agents,
            NewVolumes volumes,
            ContainerFacts facts,
            Changes changes,
            Replica replica,
            UndoCreate undo) {
        this.prepare = prepare;
        this.sessions = sessions;
        this.agents = agents;
        this.volumes = volumes;
        this.facts = facts;
        this.changes = changes;
        this.replica = replica;
        this.undo = undo;
    }

    /**
     * @param name as the client wrote it; null or empty for a generated one
     * @param platform {@code os[/arch[/variant]]} or empty
     */
    public Uni<ContainerResults.Created> create(String name, String platform, JsonNode body, ApiVersion version) {
        return Uni.createFrom().deferred(() -> {
            boolean generate = name == null || name.isEmpty();
            String wanted = generate ? null : ContainerNames.check(name);
            return prepare.prepare(CreateRequest.parse(body), platform, version)
                    .chain(made -> (generate ? reserveAny(made, 0) : reserve(made, wanted))
                            .chain(row -> onHost(made, row))
                            .replaceWith(new ContainerResults.Created(made.id(), made.warnings())));
        });
    }

    private Uni<ContainerEntity> reserveAny(NewContainer made, int attempt) {
        Uni<ContainerEntity> reserved = reserve(made, NameGenerator.next(random, attempt));
        return attempt == NAME_ATTEMPTS
                ? reserved
                : reserved.onFailure(EngineError.Conflict.class).recoverWithUni(() -> reserveAny(made, attempt + 1));
    }

    private Uni<ContainerEntity> reserve(NewContainer made, String name) {
        return sessions.withTransaction(session -> {
                    ContainerEntity row = made.row(name, replica.number());
                    return session.persist(row)
                            .chain(session::flush)
                            .chain(() -> volumes.reserve(session, row, made.operation(), made.plan()::labels))
                            .replaceWith(row);
                })
                .onFailure(CreateContainer::isNameClash)
                .recoverWithUni(() -> holder(name).map(id -> {
                    throw ContainerNames.taken(name, id);
                }));
    }

    static boolean isNameClash(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConstraintViolationException
                    || String.valueOf(cause.getMessage()).contains("containers_name_key")) {
                return String.valueOf(failure.getMessage()).contains("containers_name_key")
                        || String.valueOf(cause.getMessage()).contains("containers_name_key");
            }
        }
        return false;
    }

    private Uni<String> holder(String name) {
        return sessions.withSession(session -> session.createSelectionQuery(
                                "select c.id from ContainerEntity c where c.name = :name", String.class)
                        .setParameter("name", name)
                        .getSingleResultOrNull())
                .map(id -> id == null ? "" : id);
    }

    private Uni<Void> onHost(NewContainer made, ContainerEntity row) {
        return agents.create(row.hostId, made.spec(row.name), made.operation())
                .chain(created -> appear(made, row.operationOwner, created.volumeMountpoints()))
                .onFailure()
                .call(() -> undo.undo(row))
                .onFailure()
                .transform(AgentErrors::translate);
    }

    /** Unless the recovery has taken it over meanwhile, as it does after the database was away. */
    private Uni<Void> appear(NewContainer made, int owner, Map<String, String> mountpoints) {
        return sessions.withTransaction(
                session -> session.find(ContainerEntity.class, made.id(), LockModeType.PESSIMISTIC_WRITE)
                        .chain(row -> {
                            if (row == null || row.operationOwner == null || row.operationOwner != owner) {
                                throw new EngineError.Unavailable(
                                        "the database was away while the container was being created; try again");
                            }
                            row.finishOperation();
                            return volumes.appear(session, mountpoints)
                                    .chain(() -> facts.append(session, row, "create"))
                                    .chain(() -> changes.tell(session, row));
                        }));
    }
}
