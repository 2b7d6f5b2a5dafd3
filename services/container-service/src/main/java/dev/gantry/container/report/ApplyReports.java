package dev.gantry.container.report;

import dev.gantry.agent.api.Report;
import dev.gantry.container.exec.ExecReports;
import dev.gantry.container.remove.FinishRemoval;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.Replica;
import dev.gantry.container.state.Signals;
import dev.gantry.container.volume.VolumeFacts;
import dev.gantry.engine.principal.Actor;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Applies what a host observed, in its order. Reports of one container that follow each other are one transaction of new
 * state, facts and notifications; a report that is not newer than what the row knows (by epoch, then sequence) was applied before and is dropped.
 */
@ApplicationScoped
public class ApplyReports {
    private static final Logger LOG = Logger.getLogger(ApplyReports.class);
    /** Before a report is set aside for good. */
    private static final int RETRIES = 2;

    private static final Duration RETRY_DELAY = Duration.ofMillis(100);

    private final Mutiny.SessionFactory sessions;
    private final ContainerFacts facts;
    private final VolumeFacts volumes;
    private final ExecReports execs;
    private final HealthReports health;
    private final Changes changes;
    private final Replica replica;
    private final FinishRemoval removal;
    private final SetAside aside;
    private final Background background;

    ApplyReports(
            Mutiny.SessionFactory sessions,
            ContainerFacts facts,
            VolumeFacts volumes,
            ExecReports execs,
            HealthReports health,
            Changes changes,
            Replica replica,
            FinishRemoval removal,
            SetAside aside,
            Background background) {
        this.sessions = sessions;
        this.facts = facts;
        this.volumes = volumes;
        this.execs = execs;
        this.health = health;
        this.changes = changes;
        this.replica = replica;
        this.removal = removal;
        this.aside = aside;
        this.background = background;
    }

    public Uni<Void> apply(Report.Batch batch) {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (List<Report> together : ofOneContainer(batch.reports())) {
            all = all.chain(() -> applyOrSetAside(batch.hostId(), batch.epoch(), together));
        }
        return all;
    }

    /** Neighbours that are about the same container, in their order. */
    private static List<List<Report>> ofOneContainer(List<Report> reports) {
        List<List<Report>> groups = new ArrayList<>();
        for (Report report : reports) {
            boolean another = groups.isEmpty()
                    || !Objects.equals(groups.getLast().getFirst().containerId(), report.containerId());
            if (another) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(report);
        }
        return groups;
    }

    /** When one of several cannot be applied, each is tried by itself. */
    private Uni<Void> applyOrSetAside(String hostId, long epoch, List<Report> reports) {
        return attempt(hostId, epoch, reports, RETRIES)
                .onFailure(SetAside::isOfReport)
                .recoverWithUni(failure -> {
                    if (reports.size() == 1) {
                        return aside.keep(hostId, epoch, reports.getFirst(), failure);
                    }
                    Uni<Void> each = Uni.createFrom().voidItem();
                    for (Report report : reports) {
                        each = each.chain(() -> applyOrSetAside(hostId, epoch, List.of(report)));
                    }
                    return each;
                });
    }

    private Uni<Void> attempt(String hostId, long epoch, List<Report> reports, int retries) {
        return Uni.createFrom()
                .deferred(() -> apply(hostId, epoch, reports))
                .onFailure(failure -> retries > 0 && SetAside.isOfReport(failure))
                .recoverWithUni(
                        () -> Background.pause(RETRY_DELAY).chain(() -> attempt(hostId, epoch, reports, retries - 1)));
    }

    private Uni<Void> apply(String hostId, long epoch, List<Report> reports) {
        String id = reports.getFirst().containerId();
        return sessions.withTransaction(
                        session -> session.find(ContainerEntity.class, id, LockModeType.PESSIMISTIC_WRITE)
                                .chain(container -> {
                                    if (container == null || !container.hostId.equals(hostId)) {
                                        return Uni.createFrom().item(false);
                                    }
                                    return apply(session, container, epoch, reports);
                                }))
                .invoke(removable -> {
                    if (removable) {
                        background.run("removing container " + id, () -> removal.finish(id));
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Boolean> apply(Mutiny.Session session, ContainerEntity container, long epoch, List<Report> reports) {
        Uni<Boolean> removable = Uni.createFrom().item(false);
        for (Report report : reports) {
            removable = removable.chain(
                    before -> apply(session, container, epoch, report).map(now -> before || now));
        }
        return removable;
    }

    /**
     * Applies one report within the session's transaction, the row being locked.
     *
     * @return whether the container is to be removed now
     */
    public Uni<Boolean> apply(Mutiny.Session session, ContainerEntity container, long epoch, Report report) {
        // An exec's end may be told behind its container's end and a new start, whose answer comes by another way:
        // execs guard against repeats by their own state.
        switch (report) {
            case Report.ExecStarted started -> {
                return execs.started(session, started).replaceWith(false);
            }
            case Report.ExecExited exited -> {
                return execs.exited(session, container, exited).replaceWith(false);
            }
            default -> {
                return applyInOrder(session, container, epoch, report);
            }
        }
    }

    private Uni<Boolean> applyInOrder(Mutiny.Session session, ContainerEntity container, long epoch, Report report) {
        boolean older = epoch < container.observedEpoch
                || (epoch == container.observedEpoch && report.sequence() <= container.observedSequence);
        if (older) {
            return Uni.createFrom().item(false);
        }
        container.observedEpoch = epoch;
        container.observedSequence = report.sequence();
        return Actor.during(asker(container, report), () -> change(session, container, report));
    }

    /** An agent that was killed in a start does not know who asked for it, but the operation does. */
    private static String asker(ContainerEntity container, Report report) {
        boolean start = report instanceof Report.ContainerStarted && container.operation() == Operation.START;
        return report.actor() == null && start ? container.operationActor : report.actor();
    }

    private Uni<Boolean> change(Mutiny.Session session, ContainerEntity container, Report report) {
        return switch (report) {
            case Report.ContainerStarted started -> started(session, container, started);
            case Report.ContainerExited exited -> exited(session, container, exited);
            case Report.ContainerPaused paused -> paused(session, container, paused);
            case Report.ContainerUnpaused unpaused -> unpaused(session, container, unpaused);
            case Report.ContainerKilled killed ->
                told(
                        session,
                        container,
                        ContainerFacts.killed(container, Signals.KILL).at(killed.at()));
            case Report.ContainerOom oom ->
                told(session, container, ContainerFacts.of(container, "oom").at(oom.at()));
            case Report.ProbeStarted begun ->
                health.started(session, container, begun).replaceWith(false);
            case Report.ProbeEnded ended ->
                health.ended(session, container, ended).replaceWith(false);
            case Report.ExecStarted started -> throw new IllegalArgumentException("not in order: " + started);
            case Report.ExecExited exited -> throw new IllegalArgumentException("not in order: " + exited);
        };
    }

    private Uni<Boolean> started(Mutiny.Session session, ContainerEntity container, Report.ContainerStarted report) {
        if (!(container.observed() instanceof ContainerState.Startable state)) {
            return unexpected(container, report);
        }
        container.become(state.started(report.at(), report.pid(), report.restartCount()));
        if (container.operation() == Operation.START) {
            container.finishOperation();
        }
        container.networkNamespace = report.networkNamespacePath() == null ? "" : report.networkNamespacePath();
        return volumes.mounted(session, container)
                .chain(() -> told(
                        session,
                        container,
                        ContainerFacts.of(container, "start").at(report.at())));
    }

    private Uni<Boolean> exited(Mutiny.Session session, ContainerEntity container, Report.ContainerExited report) {
        if (!(container.observed() instanceof ContainerState.Alive state)) {
            return unexpected(container, report);
        }
        ContainerState.Exit exit = new ContainerState.Exit(
                report.at(), report.exitCode(), report.oomKilled(), report.error() == null ? "" : report.error());
        // The end of a wait for a restart comes as another exit, of the process that has ended before.
        boolean another = !(state instanceof ContainerState.Restarting);
        Fact fact = another ? DieFact.of(container, report) : rest(container, report);
        container.exits += another ? 1 : 0;
        boolean remove = !report.restarting()
                && container.autoRemove
                && container.desired() != Desired.REMOVED
                && container.desired() != Desired.RESTARTED;
        container.become(report.restarting() ? state.exitedForRestart(exit) : state.exited(exit));
        if (!report.restarting()) {
            container.network = null;
        }
        if (remove) {
            container.desire(Desired.REMOVED);
            container.removeVolumes = true;
            container.begin(Operation.REMOVE, UUID.randomUUID(), replica.number());
        }
        Uni<Boolean> told =
                fact == null ? changes.tell(session, container).replaceWith(false) : told(session, container, fact);
        return told.chain(
                        () -> report.restarting() ? Uni.createFrom().voidItem() : volumes.unmounted(session, container))
                .replaceWith(remove);
    }

    /** Docker has no event of it, but the container's endpoints are free then. Null while it goes on trying. */
    private static Fact rest(ContainerEntity container, Report.ContainerExited report) {
        return report.restarting() ? null : ContainerFacts.of(container, "rest").at(report.at());
    }

    private Uni<Boolean> paused(Mutiny.Session session, ContainerEntity container, Report.ContainerPaused report) {
        if (!(container.observed() instanceof ContainerState.Running running)) {
            return unexpected(container, report);
        }
        container.become(running.paused());
        return told(session, container, ContainerFacts.of(container, "pause").at(report.at()));
    }

    private Uni<Boolean> unpaused(Mutiny.Session session, ContainerEntity container, Report.ContainerUnpaused report) {
        if (!(container.observed() instanceof ContainerState.Paused paused)) {
            return unexpected(container, report);
        }
        container.become(paused.unpaused());
        return told(session, container, ContainerFacts.of(container, "unpause").at(report.at()));
    }

    private Uni<Boolean> told(Mutiny.Session session, ContainerEntity container, Fact fact) {
        return facts.append(session, fact)
                .chain(() -> changes.tell(session, container))
                .replaceWith(false);
    }

    private static Uni<Boolean> unexpected(ContainerEntity container, Report report) {
        LOG.warnf(
                "container %s is %s: ignored %s",
                container.shortId(), container.state().word(), report);
        return Uni.createFrom().item(false);
    }
}
