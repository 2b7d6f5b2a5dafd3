package dev.gantry.agent.registration;

import dev.gantry.agent.report.ReportJournal;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the services know what happened here while there was no agent: until then they tell old states. */
@Readiness
@ApplicationScoped
class CaughtUpCheck implements HealthCheck {
    private final ReportJournal reports;

    CaughtUpCheck(ReportJournal reports) {
        this.reports = reports;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("reports").status(reports.isCaughtUp()).build();
    }
}
