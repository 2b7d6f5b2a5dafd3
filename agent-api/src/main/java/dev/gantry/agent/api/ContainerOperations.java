package dev.gantry.agent.api;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Bodies and answers of the operations on containers. Paths are below {@link AgentProtocol#PREFIX}:
 *
 * <pre>
 * PUT    /containers/{id}                    ContainerSpec -> Created (unpacks missing layers, fills volumes)
 * POST   /containers/{id}/start              Start -> Started
 * POST   /containers/{id}/stop               Stop -> 204 once it has ended
 * POST   /containers/{id}/kill?signal=       204
 * POST   /containers/{id}/pause, /unpause    204
 * POST   /containers/{id}/resize?h=&amp;w=       204
 * GET    /containers/{id}/top?ps_args=       Processes
 * GET    /containers/{id}/stats?stream=&amp;one-shot=&amp;name=   ContainerStats, or a stream of them, a line each
 * GET    /containers/{id}/logs?follow=&amp;stdout=&amp;stderr=&amp;since=&amp;until=&amp;timestamps=&amp;tail=   raw stream as Docker frames it
 * POST   /containers/{id}/attach?logs=&amp;stream=&amp;stdin=&amp;stdout=&amp;stderr=&amp;detachKeys=   upgraded
 * GET    /containers/{id}/size               Size
 * GET    /containers/{id}/path?path=         PathStat, of the last component itself
 * GET    /containers/{id}/archive?path=      tar of a file or directory, with {@link PathStat#HEADER}
 * PUT    /containers/{id}/archive?path=&amp;noOverwriteDirNonDir=&amp;copyUIDGID=   tar, packed or not -> 204
 * GET    /containers/{id}/changes            JSON array of {@link Change}, as it is found
 * GET    /containers/{id}/export             tar of the root filesystem, without volumes
 * DELETE /containers/{id}?force=             204, also when there is none
 * POST   /containers/{id}/execs/{execId}     ExecSpec -> upgraded, or 204 when detached
 * POST   /containers/{id}/execs/{execId}/resize?h=&amp;w=
 * GET    /containers/{id}/execs/{execId}/exit?wait=MILLISECONDS   ExecExit; 404 when it ended long ago or never was
 * GET    /containers/{id}/execs/{execId}/pid?wait=MILLISECONDS    ExecPid; 404 as above
 * PUT    /containers/{id}/network            NetworkPlan -> 204, of a container that runs
 * PUT    /containers/{id}/limits             Limits -> 204, whether it runs or not
 * PUT    /networks/{id}                      NetworkState -> NetworkState.Kept
 * DELETE /networks/{id}                      204, also when there is none; 409 while an endpoint is on it
 * PUT    /volumes/{name}                     VolumeSpec -> Volume
 * GET    /volumes/{name}/size                VolumeSize
 * DELETE /volumes/{name}                     204, also when there is none
 * POST   /snapshots                          List of layers -> 204 when unpacked
 * DELETE /snapshots/{chainId}                204; 409 while something stands on it
 * GET    /host                               HostDescription
 * </pre>
 *
 * An error is {@code {"code": "...", "message": "..."}} with the status of {@link AgentFailure.Code}.
 */
public final class ContainerOperations {
    private ContainerOperations() {}

    /** Answer to a create; volume mount points by name. */
    public record Created(Map<String, String> volumeMountpoints) {}

    /** @param known null unless the request repeats one that may have been carried out */
    public record Start(NetworkPlan network, LastStart known) {}

    /**
     * The last start that the caller was told of. When the container was started after it, the repeated request is a
     * {@code CONFLICT} with {@link #STARTED_SINCE}: what became of it is in the reports.
     *
     * @param at null when it was told of none
     */
    public record LastStart(Instant at) {}

    /** End of the messages of a start's {@code CONFLICT}. */
    public static final String RUNNING_ALREADY = "is running already";

    /** The other end. */
    public static final String STARTED_SINCE = "was started since";

    /** The same facts as the report of that sequence number, so that the caller needs not wait for it. */
    public record Started(Report.ContainerStarted report, long epoch) {}

    /**
     * Sends {@code signal}, then SIGKILL after {@code timeoutSeconds}; -1 waits for ever. {@code byCommand}: restart
     * policies do not apply afterwards.
     */
    public record Stop(String signal, int timeoutSeconds, boolean byCommand) {}

    /**
     * What a container has from now on, all of it. Of the resources those count that {@code docker update} can change; the
     * others are for the next start.
     */
    public record Limits(ContainerSpec.Resources resources, ContainerSpec.RestartSpec restart) {}

    /** As {@code ps} printed it: titles, then one row for each process. */
    public record Processes(List<String> titles, List<List<String>> processes) {}

    /** Bytes in the writable layer, and in it and all layers below. */
    public record Size(long sizeRw, long sizeRootFs) {}

    /**
     * A file in a container, as Docker's API has it.
     *
     * @param name last component of the path that was asked for
     * @param size bytes
     * @param mode bits of Go's os.FileMode
     * @param mtime RFC 3339
     * @param linkTarget where a symbolic link leads in the end, from the container's root; empty for all else
     */
    public record PathStat(String name, long size, long mode, String mtime, String linkTarget) {
        /** Has one as JSON in base64, towards services and clients alike. */
        public static final String HEADER = "X-Docker-Container-Path-Stat";
    }

    /**
     * What a container changed in its root filesystem.
     *
     * @param kind 0 modified, 1 added, 2 deleted
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Change(String path, int kind) {}

    /** @param exitCode null while it runs */
    public record ExecExit(Integer exitCode) {}

    /** @param pid in the host's namespace; 0 while it is being started */
    public record ExecPid(int pid) {}

    /** Exit code of an exec whose program could not be started, whatever the reason: dockerd's. */
    public static final int NOT_STARTED_EXIT = 126;

    /**
     * A process in a running container. Fields as in {@link ContainerSpec.ProcessSpec}.
     *
     * @param detach answer at once instead of upgrading
     * @param framed output in Docker's frames, both streams; otherwise stdout alone, as it is
     */
    public record ExecSpec(
            List<String> args,
            List<String> env,
            String cwd,
            String user,
            boolean tty,
            boolean stdin,
            boolean stdout,
            boolean stderr,
            boolean privileged,
            boolean detach,
            boolean framed,
            String detachKeys,
            int consoleHeight,
            int consoleWidth) {}

    /**
     * A volume to be made.
     *
     * @param driver {@code local} or a plug-in's name; null or empty for whatever an existing one has
     * @param options for the driver; null or empty for none
     */
    public record VolumeSpec(String name, String driver, Map<String, String> options) {}

    /**
     * What a plug-in says of a volume.
     *
     * @param scope {@code local} or {@code global}
     * @param mountpoint where it is on the host; empty when it is not mounted, or not told
     * @param createdAt RFC 3339, null when not told
     * @param status the plug-in's own words; null for none
     */
    public record PluginVolume(
            String name,
            String driver,
            String scope,
            String mountpoint,
            String createdAt,
            Map<String, Object> status) {}

    /** Sizes of the files in a volume, each once however many names it has. */
    public record VolumeSize(long bytes) {}

    /** A volume's directory on the host; empty with a plug-in's. */
    public record Volume(String name, String mountpoint, Instant createdAt) {}
}
