package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerOperations.Created;
import dev.gantry.agent.api.ContainerOperations.Limits;
import dev.gantry.agent.api.ContainerOperations.Processes;
import dev.gantry.agent.api.ContainerOperations.Size;
import dev.gantry.agent.api.ContainerOperations.Start;
import dev.gantry.agent.api.ContainerOperations.Started;
import dev.gantry.agent.api.ContainerOperations.Stop;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.log.KeptLogs;
import dev.gantry.agent.operation.Operations;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Resize;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.io.IOException;
import java.time.Instant;

/** {@code /v1/containers/{id}}: the operations of {@link dev.gantry.agent.api.ContainerOperations}. */
@Path(AgentProtocol.PREFIX + "/containers/{id}")
@RunOnVirtualThread
public class ContainersResource {
    private final Containers containers;
    private final Operations operations;
    private final CreateContainer create;
    private final StartContainer start;
    private final StopContainer stop;
    private final PauseContainer pause;
    private final ChangeNetwork network;
    private final ChangeLimits limits;
    private final DeleteContainer delete;
    private final ListProcesses processes;
    private final Restarts restarts;
    private final Snapshots snapshots;
    private final KeptLogs keptLogs;
    private final ReportJournal reports;

    ContainersResource(
            Containers containers,
            Operations operations,
            CreateContainer create,
            StartContainer start,
            StopContainer stop,
            PauseContainer pause,
            ChangeNetwork network,
            ChangeLimits limits,
            DeleteContainer delete,
            ListProcesses processes,
            Restarts restarts,
            Snapshots snapshots,
            KeptLogs keptLogs,
            ReportJournal reports) {
        this.containers = containers;
        this.operations = operations;
        this.create = create;
        this.start = start;
        this.stop = stop;
        this.pause = pause;
        this.network = network;
        this.limits = limits;
        this.delete = delete;
        this.processes = processes;
        this.restarts = restarts;
        this.snapshots = snapshots;
        this.keptLogs = keptLogs;
        this.reports = reports;
    }

    @PUT
    public Created create(
            @PathParam("id") String id,
            @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation,
            ContainerSpec spec) {
        CreateContainer.require(spec, id);
        return operations.once(operation, Created.class, () -> create.create(spec));
    }

    @POST
    @Path("start")
    public Started start(
            @PathParam("id") String id, @HeaderParam(AgentProtocol.OPERATION_HEADER) String operation, Start body) {
        if (body == null || body.network() == null || body.network().kind() == null) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "a start needs a network plan");
        }
        AgentContainer container = containers.get(id);
        return operations.once(operation, Started.class, () -> {
            Report.ContainerStarted report = container.exclusively(() -> {
                checkStartable(container, body.known());
                restarts.forget(id);
                Report.ContainerStarted started = start.start(container, body.network(), 0);
                container.markStopped(false);
                return started;
            });
            return new Started(report, reports.epoch());
        });
    }

    private static void checkStartable(AgentContainer container, ContainerOperations.LastStart known) {
        String objection =
                switch (container.state()) {
                    case Running running -> ContainerOperations.RUNNING_ALREADY;
                    case Exited exited
                    when startedSince(exited.startedAt(), known) -> ContainerOperations.STARTED_SINCE;
                    default -> "";
                };
        if (!objection.isEmpty()) {
            throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + container.id() + " " + objection);
        }
    }

    /** A millisecond apart: the caller's database rounds. */
    private static boolean startedSince(Instant started, ContainerOperations.LastStart known) {
        return known != null
                && started != null
                && (known.at() == null || started.isAfter(known.at().plusMillis(1)));
    }

    @POST
    @Path("stop")
    public void stop(@PathParam("id") String id, Stop body) {
        stop.stop(containers.get(id), body == null ? new Stop("", 10, true) : body);
    }

    @POST
    @Path("kill")
    public void kill(@PathParam("id") String id, @QueryParam("signal") String signal) {
        stop.kill(containers.get(id), signal == null || signal.isEmpty() ? "KILL" : signal);
    }

    @POST
    @Path("pause")
    public void pause(@PathParam("id") String id) {
        pause.pause(containers.get(id));
    }

    @POST
    @Path("unpause")
    public void unpause(@PathParam("id") String id) {
        pause.unpause(containers.get(id));
    }

    @PUT
    @Path("network")
    public void changeNetwork(@PathParam("id") String id, NetworkPlan plan) {
        AgentContainer container = containers.get(id);
        container.exclusively(() -> {
            network.change(container, plan);
            return null;
        });
    }

    @PUT
    @Path("limits")
    public void changeLimits(@PathParam("id") String id, Limits changed) {
        limits.change(containers.get(id), changed);
    }

    @POST
    @Path("resize")
    public void resize(@PathParam("id") String id, @QueryParam("h") int height, @QueryParam("w") int width)
            throws IOException {
        AgentContainer container = containers.get(id);
        container.running();
        if (height < 1 || width < 1 || height > 65535 || width > 65535) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "a terminal has 1 to 65535 rows and columns");
        }
        Resize.terminal(container.files().control(), height, width);
    }

    @GET
    @Path("top")
    public Processes top(@PathParam("id") String id, @QueryParam("ps_args") String arguments) {
        return processes.list(containers.get(id), arguments);
    }

    @GET
    @Path("size")
    public Size size(@PathParam("id") String id) {
        long log = containers.find(id).isPresent() || !id.matches("[0-9a-f]{64}") ? -1 : keptLogs.size(id);
        return log >= 0
                ? new Size(log, log)
                : snapshots.size(id, containers.get(id).spec().layers());
    }

    @DELETE
    public void delete(@PathParam("id") String id, @QueryParam("force") boolean force) {
        containers.find(id).ifPresent(container -> delete.delete(container, force));
    }
}
