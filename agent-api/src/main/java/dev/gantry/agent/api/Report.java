package dev.gantry.agent.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;

/**
 * What an agent observed. Reports are numbered from 1 within an epoch (one run of the agent's state directory), are
 * kept on the agent's disk until acknowledged, and may be sent more than once.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Report.ContainerStarted.class, name = "container-started"),
    @JsonSubTypes.Type(value = Report.ContainerExited.class, name = "container-exited"),
    @JsonSubTypes.Type(value = Report.ContainerPaused.class, name = "container-paused"),
    @JsonSubTypes.Type(value = Report.ContainerUnpaused.class, name = "container-unpaused"),
    @JsonSubTypes.Type(value = Report.ContainerKilled.class, name = "container-killed"),
    @JsonSubTypes.Type(value = Report.ContainerOom.class, name = "container-oom"),
    @JsonSubTypes.Type(value = Report.ExecStarted.class, name = "exec-started"),
    @JsonSubTypes.Type(value = Report.ExecExited.class, name = "exec-exited"),
    @JsonSubTypes.Type(value = Report.ProbeStarted.class, name = "probe-started"),
    @JsonSubTypes.Type(value = Report.ProbeEnded.class, name = "probe-ended")
})
public sealed interface Report {
    /** Position in the agent's epoch; strictly increasing. */
    long sequence();

    /** The container concerned, 64 hex digits. */
    String containerId();

    /** When it was observed, nanosecond precision. */
    Instant at();

    /**
     * Who asked for it, as in {@link AgentProtocol#ACTOR_HEADER}, when it came of a command; null when nobody did, as for
     * an end.
     */
    default String actor() {
        return null;
    }

    /**
     * The main process runs.
     *
     * @param pid of the main process in the host's pid namespace
     * @param restartCount how many times the restart policy has started it since the last start by command
     */
    record ContainerStarted(
            long sequence,
            String containerId,
            Instant at,
            int pid,
            int restartCount,
            String networkNamespacePath,
            String actor)
            implements Report {}

    /**
     * The main process ended.
     *
     * @param exitCode 0 to 255; 128 plus the signal's number when killed by one
     * @param restarting whether the restart policy will start it again
     * @param error why a restart did not succeed; empty when it simply ended
     */
    record ContainerExited(
            long sequence,
            String containerId,
            Instant at,
            int exitCode,
            boolean oomKilled,
            boolean restarting,
            String error)
            implements Report {}

    record ContainerPaused(long sequence, String containerId, Instant at, String actor) implements Report {}

    record ContainerUnpaused(long sequence, String containerId, Instant at, String actor) implements Report {}

    /** A stop has lost its patience: SIGKILL is sent. */
    record ContainerKilled(long sequence, String containerId, Instant at, String actor) implements Report {}

    record ContainerOom(long sequence, String containerId, Instant at) implements Report {}

    record ExecStarted(long sequence, String containerId, String execId, Instant at, int pid) implements Report {}

    record ExecExited(long sequence, String containerId, String execId, Instant at, int exitCode) implements Report {}

    /**
     * A health check is about to run its program.
     *
     * @param execId 64 hex digits; no exec that a client can ask for
     * @param command program and arguments
     */
    record ProbeStarted(long sequence, String containerId, String execId, Instant at, List<String> command)
            implements Report {}

    /**
     * A health check is over.
     *
     * @param exitCode of its program; null when that never ran
     * @param health what comes of it; null when the container was paused or ended meanwhile, so that nothing does
     */
    record ProbeEnded(long sequence, String containerId, String execId, Instant at, Integer exitCode, Health health)
            implements Report {}

    /**
     * A container's health after a check.
     *
     * @param status {@code starting}, {@code healthy} or {@code unhealthy}
     * @param failingStreak failures in a row that counted
     * @param exitCode -1 when the program did not end by itself, or did not start
     * @param output of the program, or why there is none; at most some 4200 characters
     */
    record Health(String status, long failingStreak, Instant start, Instant end, int exitCode, String output) {}

    /**
     * Body of {@code POST /internal/container-service/hosts/{hostId}/reports}. The answer 204 acknowledges all of it.
     *
     * @param epoch changes when the agent lost its state directory; reports of an older epoch are dropped
     */
    record Batch(String hostId, long epoch, List<Report> reports) {}
}
