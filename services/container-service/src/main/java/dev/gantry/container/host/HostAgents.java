package dev.gantry.container.host;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.client.AgentPulse;
import dev.gantry.container.state.Liveness;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The operations of the agent protocol, by host. */
@ApplicationScoped
public class HostAgents implements Liveness {
    /** How long a host that does not answer is asked again while a client waits: an agent that was killed is soon back. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    public static final Duration RETRY_DELAY = Duration.ofMillis(250);

    /** Bounds calls that only change something small on the host. */
    private static final Duration SHORT = Duration.ofSeconds(60);

    /** Layers are fetched and unpacked within it. */
    private static final Duration LONG = Duration.ofMinutes(30);

    private final KnownHosts hosts;
    private final AgentClient client;

    HostAgents(KnownHosts hosts, AgentClient client) {
        this.hosts = hosts;
        this.client = client;
    }

    public Uni<ContainerOperations.Created> create(String host, ContainerSpec spec, UUID operation) {
        return call(
                host,
                HttpMethod.PUT,
                "/containers/" + spec.id(),
                spec,
                operation,
                LONG,
                ContainerOperations.Created.class);
    }

    public Uni<ContainerOperations.Started> start(
            String host, String id, ContainerOperations.Start start, UUID operation) {
        return call(
                host, HttpMethod.POST, path(id, "start"), start, operation, SHORT, ContainerOperations.Started.class);
    }

    /** Returns when the process has ended, however long that takes. */
    public Uni<Void> stop(String host, String id, ContainerOperations.Stop stop) {
        Duration limit = stop.timeoutSeconds() < 0 ? null : SHORT.plusSeconds(stop.timeoutSeconds());
        return call(host, HttpMethod.POST, path(id, "stop"), stop, UUID.randomUUID(), limit, Void.class);
    }

    public Uni<Void> kill(String host, String id, String signal) {
        return post(host, path(id, "kill?signal=" + signal));
    }

    public Uni<Void> pause(String host, String id) {
        return post(host, path(id, "pause"));
    }

    public Uni<Void> unpause(String host, String id) {
        return post(host, path(id, "unpause"));
    }

    /** Takes a container that runs to another plan. */
    public Uni<Void> changeNetwork(String host, String id, NetworkPlan plan) {
        return call(host, HttpMethod.PUT, path(id, "network"), plan, UUID.randomUUID(), SHORT, Void.class);
    }

    /** Gives a container other limits; all of them, whether it runs or not. */
    public Uni<Void> changeLimits(String host, String id, ContainerOperations.Limits limits) {
        return call(host, HttpMethod.PUT, path(id, "limits"), limits, UUID.randomUUID(), SHORT, Void.class);
    }

    public Uni<Void> resize(String host, String id, int height, int width) {
        return post(host, path(id, "resize?h=" + height + "&w=" + width));
    }

    public Uni<ContainerOperations.Processes> top(String host, String id, String psArgs) {
        String query = "top?ps_args=" + URLEncoder.encode(psArgs, StandardCharsets.UTF_8);
        return call(host, HttpMethod.GET, path(id, query), null, null, SHORT, ContainerOperations.Processes.class);
    }

    /** @param path encoded */
    public Uni<ContainerOperations.PathStat> statPath(String host, String id, String path) {
        return call(
                host,
                HttpMethod.GET,
                path(id, "path?path=" + path),
                null,
                null,
                SHORT,
                ContainerOperations.PathStat.class);
    }

    public Uni<ContainerOperations.Size> size(String host, String id) {
        return call(host, HttpMethod.GET, path(id, "size"), null, null, SHORT, ContainerOperations.Size.class);
    }

    /** Deletes what the host has of the container; that there is nothing is no error. */
    public Uni<Void> delete(String host, String id, boolean force) {
        return call(
                host,
                HttpMethod.DELETE,
                "/containers/" + id + "?force=" + force,
                null,
                UUID.randomUUID(),
                SHORT,
                Void.class);
    }

    public Uni<Void> execDetached(String host, String id, String execId, ContainerOperations.ExecSpec spec) {
        return call(host, HttpMethod.POST, path(id, "execs/" + execId), spec, UUID.randomUUID(), SHORT, Void.class);
    }

    /** Waits up to {@code patience} for the exec's end; null when it runs on then. */
    public Uni<Integer> execExit(String host, String id, String execId, Duration patience) {
        return call(
                        host,
                        HttpMethod.GET,
                        path(id, "execs/" + execId + "/exit?wait=" + patience.toMillis()),
                        null,
                        null,
                        SHORT,
                        ContainerOperations.ExecExit.class)
                .map(ContainerOperations.ExecExit::exitCode);
    }

    /** Waits up to {@code patience} for the exec's start; 0 when it is not there yet. */
    public Uni<Integer> execStart(String host, String id, String execId, Duration patience) {
        return call(
                        host,
                        HttpMethod.GET,
                        path(id, "execs/" + execId + "/pid?wait=" + patience.toMillis()),
                        null,
                        null,
                        SHORT,
                        ContainerOperations.ExecPid.class)
                .map(ContainerOperations.ExecPid::pid);
    }

    public Uni<Void> resizeExec(String host, String id, String execId, int height, int width) {
        return post(host, path(id, "execs/" + execId + "/resize?h=" + height + "&w=" + width));
    }

    public Uni<ContainerOperations.Volume> createVolume(String host, ContainerOperations.VolumeSpec volume) {
        return call(
                host,
                HttpMethod.PUT,
                "/volumes/" + volume.name(),
                volume,
                UUID.randomUUID(),
                SHORT,
                ContainerOperations.Volume.class);
    }

    /** Bytes in the volume. */
    public Uni<Long> volumeSize(String host, String name) {
        return call(
                        host,
                        HttpMethod.GET,
                        "/volumes/" + name + "/size",
                        null,
                        null,
                        SHORT,
                        ContainerOperations.VolumeSize.class)
                .map(ContainerOperations.VolumeSize::bytes);
    }

    public Uni<Void> deleteVolume(String host, String name) {
        return deleteVolume(host, name, false);
    }

    /** @param force also when its plug-in is gone */
    public Uni<Void> deleteVolume(String host, String name, boolean force) {
        return call(
                host,
                HttpMethod.DELETE,
                "/volumes/" + name + (force ? "?force=true" : ""),
                null,
                UUID.randomUUID(),
                SHORT,
                Void.class);
    }

    /** Fails in dockerd's words when the host has no such volume plug-in. */
    public Uni<Void> requireVolumePlugin(String host, String driver) {
        return call(host, HttpMethod.GET, "/volume-plugins/drivers/" + encoded(driver), null, null, SHORT, Void.class);
    }

    /** All that the host's volume plug-ins have. */
    public Uni<List<ContainerOperations.PluginVolume>> pluginVolumes(String host) {
        return call(
                        host,
                        HttpMethod.GET,
                        "/volume-plugins/volumes",
                        null,
                        null,
                        SHORT,
                        ContainerOperations.PluginVolume[].class)
                .map(List::of);
    }

    /**
     * Fails with {@code NOT_FOUND} when there is none.
     *
     * @param driver null for whichever plug-in has it
     */
    public Uni<ContainerOperations.PluginVolume> pluginVolume(String host, String name, String driver) {
        return call(
                host,
                HttpMethod.GET,
                "/volume-plugins/volumes/" + encoded(name) + (driver == null ? "" : "?driver=" + encoded(driver)),
                null,
                null,
                SHORT,
                ContainerOperations.PluginVolume.class);
    }

    private static String encoded(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Deletes an unpacked layer, unless something stands on it. */
    public Uni<Void> deleteSnapshot(String host, String chainId) {
        return call(host, HttpMethod.DELETE, "/snapshots/" + chainId, null, UUID.randomUUID(), SHORT, Void.class)
                .onFailure(failure -> failure instanceof AgentFailure refused
                        && (refused.code() == AgentFailure.Code.CONFLICT
                                || refused.code() == AgentFailure.Code.NOT_FOUND))
                .recoverWithNull();
    }

    @Override
    public <T> Uni<T> whileAlive(String host, Duration patience, Uni<T> work) {
        // Without an address, as while cluster-service starts again, nobody can be watched: a wait of hours goes on.
        return hosts.description(host)
                .map(known -> true)
                .onFailure()
                .recoverWithItem(false)
                .chain(known -> known ? watched(host, patience, work) : work)
                .onFailure()
                .transform(AgentErrors::translate);
    }

    /** Not at its last address: agents move. */
    private <T> Uni<T> watched(String host, Duration patience, Uni<T> work) {
        return hosts.follow(host, address -> {
            CompletableFuture<T> lost = new CompletableFuture<>();
            AgentPulse.Watch watch = client.pulse().watch(address, patience, lost::completeExceptionally);
            return Uni.combine()
                    .any()
                    .of(work, Background.here(lost))
                    .onTermination()
                    .invoke(watch::close);
        });
    }

    /** Whether no answer came, so that nobody knows what the host did. */
    public static boolean unreachable(Throwable failure) {
        return failure instanceof AgentFailure refused && refused.code() == AgentFailure.Code.UNREACHABLE;
    }

    private Uni<Void> post(String host, String path) {
        return call(host, HttpMethod.POST, path, null, UUID.randomUUID(), SHORT, Void.class);
    }

    private static String path(String id, String rest) {
        return "/containers/" + id + "/" + rest;
    }

    private <T> Uni<T> call(
            String host, HttpMethod method, String path, Object body, UUID operation, Duration limit, Class<T> answer) {
        return hosts.follow(host, address -> {
            AgentCall call = AgentCall.of(address, method, path)
                    .withBody(body)
                    .withOperation(operation == null ? "" : operation.toString())
                    .withTimeout(limit);
            return Background.here(client.call(call, answer).toCompletionStage());
        });
    }
}
