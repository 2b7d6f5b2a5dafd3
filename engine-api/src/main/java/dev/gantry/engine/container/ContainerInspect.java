package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.gantry.engine.json.RawJson;
import java.util.List;
import java.util.Map;

/**
 * Answer of {@code GET /containers/{id}/json}. Times are RFC 3339 with nanoseconds.
 *
 * @param execIds an array of strings, or null
 * @param hostConfig {@link HostConfig} as stored
 * @param config {@link ContainerConfig} as stored
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerInspect(
        String id,
        String created,
        String path,
        List<String> args,
        State state,
        String image,
        String resolvConfPath,
        String hostnamePath,
        String hostsPath,
        String logPath,
        String name,
        int restartCount,
        String driver,
        String platform,
        String mountLabel,
        String processLabel,
        String appArmorProfile,
        @JsonProperty("ExecIDs") RawJson execIds,
        RawJson hostConfig,
        GraphDriver graphDriver,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long sizeRw,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long sizeRootFs,
        List<MountPoint> mounts,
        RawJson config,
        NetworkSettings networkSettings) {

    /**
     * {@code State}; {@code startedAt} and {@code finishedAt} are year 1 when it never happened.
     *
     * @param health null when none is checked, and before the first start
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record State(
            String status,
            boolean running,
            boolean paused,
            boolean restarting,
            @JsonProperty("OOMKilled") boolean oomKilled,
            boolean dead,
            int pid,
            int exitCode,
            String error,
            String startedAt,
            String finishedAt,
            @JsonInclude(JsonInclude.Include.NON_NULL) Health health) {}

    /**
     * {@code State.Health}.
     *
     * @param status {@code starting}, {@code healthy} or {@code unhealthy}
     * @param log an array of {@link HealthcheckResult}, the latest last
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Health(String status, long failingStreak, RawJson log) {}

    /** One check; times as in {@link State}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record HealthcheckResult(String start, String end, int exitCode, String output) {}

    /** The storage driver and its directories on the host. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record GraphDriver(Map<String, String> data, String name) {}
}
