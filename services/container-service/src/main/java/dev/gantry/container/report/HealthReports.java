package dev.gantry.container.report;

import dev.gantry.agent.api.Report;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.ContainerState;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/** Applies what a host reports of health checks. As with dockerd, each is told as an exec. */
@ApplicationScoped
class HealthReports {
    private final ContainerFacts facts;

    HealthReports(ContainerFacts facts) {
        this.facts = facts;
    }

    Uni<Void> started(Mutiny.Session session, ContainerEntity container, Report.ProbeStarted report) {
        List<String> words = report.command();
        String command = words.getFirst() + " " + String.join(" ", words.subList(1, words.size()));
        Map<String, String> exec = Map.of("execID", report.execId());
        return tell(session, container, report, "exec_create: " + command, exec)
                .chain(() -> tell(session, container, report, "exec_start: " + command, exec));
    }

    Uni<Void> ended(Mutiny.Session session, ContainerEntity container, Report.ProbeEnded report) {
        String before = container.health().status();
        boolean counts = report.health() != null && container.observed() instanceof ContainerState.Running;
        if (counts) {
            container.checked(report.health());
        }
        String now = container.health().status();
        Uni<Void> exit = report.exitCode() == null
                ? Uni.createFrom().voidItem()
                : tell(session, container, report, "exec_die", exit(report));
        return counts && !now.equals(before)
                ? exit.chain(() -> tell(session, container, report, "health_status: " + now, Map.of()))
                : exit;
    }

    private static Map<String, String> exit(Report.ProbeEnded report) {
        return Map.of("execID", report.execId(), "exitCode", Integer.toString(report.exitCode()));
    }

    private Uni<Void> tell(
            Mutiny.Session session, ContainerEntity container, Report report, String action, Map<String, String> more) {
        return facts.append(session, ContainerFacts.of(container, action, more).at(report.at()));
    }
}
