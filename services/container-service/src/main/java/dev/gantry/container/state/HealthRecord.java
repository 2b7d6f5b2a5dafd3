package dev.gantry.container.state;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Report;
import dev.gantry.engine.container.ContainerInspect.HealthcheckResult;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of a container's health, as dockerd keeps it: results outlive a stop and the next start, the status does
 * not.
 *
 * @param status {@link #NONE}, {@code starting}, {@code healthy} or {@code unhealthy}
 * @param log an array of {@link HealthcheckResult} as JSON, the latest last
 */
public record HealthRecord(String status, long failingStreak, String log) {
    /** What the filter {@code health} calls it when there is none. */
    public static final String NONE = "none";

    private static final int KEPT = 5;

    /** At a start. */
    HealthRecord started() {
        return new HealthRecord("starting", 0, log);
    }

    /** Nobody checks it any more: it has ended or is paused. */
    HealthRecord unchecked() {
        return status.equals(NONE) ? this : new HealthRecord("unhealthy", failingStreak, log);
    }

    HealthRecord after(Report.Health found) {
        List<JsonNode> results = new ArrayList<>(StoredJson.list(log, JsonNode.class));
        results.add(StoredJson.tree(new HealthcheckResult(
                found.start().toString(), found.end().toString(), found.exitCode(), found.output())));
        List<JsonNode> latest = results.subList(Math.max(0, results.size() - KEPT), results.size());
        return new HealthRecord(found.status(), found.failingStreak(), StoredJson.write(latest));
    }
}
