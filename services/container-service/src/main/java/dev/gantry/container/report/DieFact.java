package dev.gantry.container.report;

import dev.gantry.agent.api.Report;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.StoredJson;
import dev.gantry.service.fact.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Docker's {@code die}, with whether the container will start again: then its endpoints are kept. */
final class DieFact {
    private DieFact() {}

    static Fact of(ContainerEntity container, Report.ContainerExited report) {
        Instant started = container.state().history().startedAt();
        long seconds = started == null
                ? 0
                : Math.max(0, Duration.between(started, report.at()).toSeconds());
        Map<String, String> more =
                Map.of("exitCode", Integer.toString(report.exitCode()), "execDuration", Long.toString(seconds));
        return ContainerFacts.of(container, "die", more)
                .at(report.at())
                .with(StoredJson.tree(Map.of("restarting", report.restarting())));
    }
}
