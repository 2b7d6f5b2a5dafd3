package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.report.AskedBy;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.runtime.OciRuntime;
import dev.gantry.agent.runtime.Runtimes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Freezes and thaws a container's processes. */
@ApplicationScoped
class PauseContainer {
    private final Runtimes runtimes;
    private final ReportJournal reports;
    private final HealthChecks health;

    PauseContainer(Runtimes runtimes, ReportJournal reports, HealthChecks health) {
        this.runtimes = runtimes;
        this.reports = reports;
        this.health = health;
    }

    void pause(AgentContainer container) {
        change(container, true);
    }

    void unpause(AgentContainer container) {
        change(container, false);
    }

    private void change(AgentContainer container, boolean pause) {
        container.exclusively(() -> {
            Running running = container.running();
            if (running.paused() == pause) {
                String not = pause ? " is already paused" : " is not paused";
                throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + container.id() + not);
            }
            freeze(container, pause);
            container.become(running.pause(pause));
            health.follow(container);
            Instant at = Instant.now();
            reports.append(sequence -> pause
                    ? new Report.ContainerPaused(sequence, container.id(), at, AskedBy.current())
                    : new Report.ContainerUnpaused(sequence, container.id(), at, AskedBy.current()));
            return null;
        });
    }

    private void freeze(AgentContainer container, boolean pause) {
        OciRuntime runtime = runtimes.of(container.spec());
        try {
            if (pause) {
                runtime.pause(container.id());
            } else {
                runtime.resume(container.id());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
