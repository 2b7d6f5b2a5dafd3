package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.report.ReportJournal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Starts containers again as their restart policies say, with the network they had. */
@ApplicationScoped
class Restarts {
    private static final Logger LOG = Logger.getLogger(Restarts.class);

    private final StartContainer start;
    private final SuspectStarts suspects;
    private final ReportJournal reports;
    private final ObjectMapper json;
    private final Map<String, Duration> waits = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("restarts").factory());

    Restarts(StartContainer start, SuspectStarts suspects, ReportJournal reports, ObjectMapper json) {
        this.start = start;
        this.suspects = suspects;
        this.reports = reports;
        this.json = json;
    }

    /** @param lasted how long the run was that ended */
    void schedule(AgentContainer container, Duration lasted) {
        Duration wait = waits.merge(
                container.id(),
                RestartPolicy.nextWait(Duration.ZERO, lasted),
                (previous, first) -> RestartPolicy.nextWait(previous, lasted));
        timer.schedule(
                () -> Thread.ofVirtual()
                        .name("restart-" + container.id().substring(0, 12))
                        .start(() -> restart(container)),
                wait.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A start or stop by command: the next wait is the shortest again. */
    void forget(String id) {
        waits.remove(id);
    }

    private void restart(AgentContainer container) {
        if (container.isRemoved()) {
            return;
        }
        container.exclusively(() -> {
            if (container.state() instanceof Exited exited && exited.restarting()) {
                restart(container, exited);
            }
            return null;
        });
    }

    private void restart(AgentContainer container, Exited exited) {
        boolean givenUp = suspects.isGivenUp(container);
        try {
            NetworkPlan plan =
                    json.readValue(Files.readAllBytes(container.files().networkPlan()), NetworkPlan.class);
            start.start(container, plan, exited.restartCount() + 1);
        } catch (IOException | RuntimeException e) {
            LOG.warnf("container %s could not be restarted: %s", container.id(), e.getMessage());
            failed(container, exited, e.getMessage(), givenUp);
        }
    }

    /** As Docker, a failed start counts as a restart, and the policy decides again. */
    private void failed(AgentContainer container, Exited last, String error, boolean givenUp) {
        int count = last.restartCount() + 1;
        boolean again = !givenUp
                && RestartPolicy.appliesTo(container.spec().restart(), 127, count, container.stoppedByCommand());
        Exited exited = new Exited(last.exitCode(), false, last.startedAt(), last.at(), count, again, error);
        container.become(exited);
        reports.append(sequence -> new Report.ContainerExited(
                sequence, container.id(), exited.at(), exited.exitCode(), false, again, error));
        if (again) {
            schedule(container, Duration.ZERO);
        }
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
    }
}
