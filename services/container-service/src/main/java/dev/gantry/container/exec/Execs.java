package dev.gantry.container.exec;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.request.DetachKeys;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.NotRunning;
import dev.gantry.container.state.Operations;
import dev.gantry.container.state.StoredJson;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.ExecConfig;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** Processes in running containers: made, begun and looked at. Their streams are {@link ExecStreams}' business. */
@ApplicationScoped
public class Execs {
    /** A client may have detached from an exec that runs on: then there is no end to wait for. */
    private static final Duration END_DELAY = Duration.ofSeconds(2);

    /** One whose start is not answered yet is inspected without a pid. */
    private static final Duration START_DELAY = Duration.ofSeconds(1);

    private final Mutiny.SessionFactory sessions;
    private final Operations operations;
    private final ContainerFacts facts;
    private final HostAgents agents;
    private final AttachedClients clients;

    Execs(
            Mutiny.SessionFactory sessions,
            Operations operations,
            ContainerFacts facts,
            HostAgents agents,
            AttachedClients clients) {
        this.sessions = sessions;
        this.operations = operations;
        this.facts = facts;
        this.agents = agents;
        this.clients = clients;
    }

    /** {@code POST /containers/{id}/exec}. */
    public Uni<ContainerResults.ExecCreated> create(String reference, ExecConfig config) {
        if (config.cmd().isEmpty()) {
            throw new EngineError.BadParameter("No exec command specified");
        }
        checkSize(config.consoleSize());
        return operations.idle(reference, (session, container) -> {
            checkRunning(container, reference);
            DetachKeys.checkOfExec(config.detachKeys());
            ExecEntity exec = new ExecEntity();
            exec.id = VolumeNames.generate();
            exec.containerId = container.id;
            exec.config = StoredJson.write(config);
            exec.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
            exec.state = ExecEntity.CREATED;
            return session.persist(exec)
                    .chain(session::flush)
                    .chain(() -> OldExecs.forgetUnused(session, container.id))
                    .chain(() -> facts.append(
                            session, container, "exec_create: " + exec.command(), Map.of("execID", exec.id)))
                    .replaceWith(new ContainerResults.ExecCreated(exec.id));
        });
    }

    private static void checkSize(List<Integer> size) {
        if (size != null) {
            size.stream().filter(length -> length < 0).findFirst().ifPresent(length -> {
                throw new EngineError.BadParameter("invalid JSON: json: cannot unmarshal number " + length
                        + " into field ConsoleSize of type integer");
            });
        }
    }

    /** @param called what the message calls it: dockerd says what its client said */
    private static void checkRunning(ContainerEntity container, String called) {
        if (container.state() instanceof ContainerState.Paused) {
            throw new EngineError.Conflict("Container " + called + " is paused, unpause the container before exec");
        }
        NotRunning.check(container);
    }

    /** A start that has begun: the host may be called. */
    record Begun(String id, String containerId, String hostId, ContainerOperations.ExecSpec spec) {}

    /** Marks the exec as being started, once. */
    Uni<Begun> begin(String id, ExecConfig.Start start) {
        return sessions.withTransaction(session -> locked(session, id).chain(exec -> session.find(
                        ContainerEntity.class, exec.containerId)
                .chain(container -> {
                    checkRunning(container, container.id);
                    if (!exec.state.equals(ExecEntity.CREATED)) {
                        throw new AlreadyRun(id);
                    }
                    ExecConfig config = exec.config();
                    exec.state = ExecEntity.STARTING;
                    return facts.append(session, container, "exec_start: " + exec.command(), Map.of("execID", id))
                            .replaceWith(new Begun(id, container.id, container.hostId, spec(container, config, start)));
                })));
    }

    /** Told in the stream of a client that is not detached. */
    static final class AlreadyRun extends RuntimeException {
        private static final long serialVersionUID = 1;

        AlreadyRun(String id) {
            super("Error: Exec command " + id + " has already run", null, false, false);
        }
    }

    /** As inspected after a start that failed: dockerd says 126 for all of them, those of missing programs too. */
    Uni<Void> failed(String id) {
        return sessions.withTransaction(session -> session.find(ExecEntity.class, id, LockModeType.PESSIMISTIC_WRITE)
                .chain(exec -> {
                    if (exec == null || !exec.state.equals(ExecEntity.STARTING)) {
                        return Uni.createFrom().voidItem();
                    }
                    exec.exited(ContainerOperations.NOT_STARTED_EXIT);
                    return session.flush().chain(() -> OldExecs.forgetEnded(session, exec.containerId));
                }));
    }

    private static Uni<ExecEntity> locked(Mutiny.Session session, String id) {
        return session.find(ExecEntity.class, id, LockModeType.PESSIMISTIC_WRITE)
                .invoke(exec -> known(exec, id));
    }

    private static void known(ExecEntity exec, String id) {
        if (exec == null) {
            throw new EngineError.NotFound("No such exec instance: " + id);
        }
    }

    private static ContainerOperations.ExecSpec spec(
            ContainerEntity container, ExecConfig config, ExecConfig.Start start) {
        checkSize(start.consoleSize());
        List<Integer> size = start.consoleSize() != null && start.consoleSize().size() == 2
                ? start.consoleSize()
                : config.consoleSize() != null && config.consoleSize().size() == 2
                        ? config.consoleSize()
                        : List.of(0, 0);
        return new ContainerOperations.ExecSpec(
                config.cmd(),
                config.env(),
                config.workingDir(),
                config.user(),
                config.tty(),
                config.attachStdin(),
                config.attachStdout(),
                config.attachStderr(),
                config.privileged() || container.hostConfig().privileged(),
                start.detach(),
                !start.tty(),
                config.detachKeys(),
                size.get(0),
                size.get(1));
    }

    /** {@code GET /exec/{id}/json}. Behind the end of its stream an exec has its exit code, reported or not yet. */
    public Uni<ContainerResults.ExecInspect> inspect(String id) {
        return clients.streamEnded(id)
                .map(this::ended)
                .orElseGet(() -> found(id).chain(this::started))
                .map(ExecEntity::inspect);
    }

    /** One whose start was answered has its pid, reported or not yet. */
    private Uni<ExecEntity> started(ExecEntity exec) {
        if (!exec.state.equals(ExecEntity.STARTING)) {
            return Uni.createFrom().item(exec);
        }
        return sessions.withSession(session -> session.find(ContainerEntity.class, exec.containerId))
                .chain(container -> agents.execStart(container.hostId, container.id, exec.id, START_DELAY))
                .invoke(pid -> exec.pid = pid)
                // It has ended, or its host is away: the row has to do.
                .onFailure()
                .recoverWithNull()
                .replaceWith(exec);
    }

    /** The host is asked, since its report takes a transaction longer. */
    private Uni<ExecEntity> ended(Begun exec) {
        return exitCode(exec, Instant.now().plus(HostAgents.PATIENCE))
                .chain(exitCode -> found(exec.id()).invoke(row -> exitCode.ifPresent(row::exited)));
    }

    /** Fails when the host cannot be asked: clients take an exec without an exit code for a success. */
    private Uni<Optional<Integer>> exitCode(Begun exec, Instant limit) {
        return agents.execExit(exec.hostId(), exec.containerId(), exec.id(), END_DELAY)
                .map(Optional::ofNullable)
                .onFailure(failure ->
                        HostAgents.unreachable(failure) && Instant.now().isBefore(limit))
                .recoverWithUni(() -> Background.pause(HostAgents.RETRY_DELAY).chain(() -> exitCode(exec, limit)))
                .onFailure(Execs::forgotten)
                .recoverWithItem(Optional.empty());
    }

    /** By the host, since it ended long ago: then the row knows. */
    private static boolean forgotten(Throwable failure) {
        return failure instanceof AgentFailure refused && refused.code() == AgentFailure.Code.NOT_FOUND;
    }

    private Uni<ExecEntity> found(String id) {
        return sessions.withSession(session -> session.find(ExecEntity.class, id))
                .invoke(exec -> known(exec, id));
    }

    /** Where a running exec is, for a resize. */
    Uni<Running> running(String id) {
        return sessions.withSession(session -> session.find(ExecEntity.class, id)
                .invoke(exec -> known(exec, id))
                .chain(exec -> session.find(ContainerEntity.class, exec.containerId)
                        .map(container -> {
                            if (exec.state.equals(ExecEntity.EXITED) || exec.state.equals(ExecEntity.CREATED)) {
                                throw new EngineError.BadParameter("exec " + id + " is not running");
                            }
                            return new Running(container.hostId, container.id);
                        })));
    }

    record Running(String hostId, String containerId) {}
}
