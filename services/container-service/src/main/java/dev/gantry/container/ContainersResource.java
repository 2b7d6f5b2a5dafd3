package dev.gantry.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.container.exec.Execs;
import dev.gantry.container.kept.KeptLogs;
import dev.gantry.container.network.ChangeLinks;
import dev.gantry.container.query.InspectContainer;
import dev.gantry.container.query.ListContainers;
import dev.gantry.container.remove.PruneContainers;
import dev.gantry.container.request.TerminalSize;
import dev.gantry.container.run.KillContainer;
import dev.gantry.container.run.PauseContainer;
import dev.gantry.container.run.RenameContainer;
import dev.gantry.container.run.RestartContainer;
import dev.gantry.container.run.TopContainer;
import dev.gantry.container.state.StoredJson;
import dev.gantry.container.stdio.ResizeContainer;
import dev.gantry.container.update.UpdateContainer;
import dev.gantry.engine.container.ContainerInspect;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.ExecConfig;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * The API's {@code Container} section, as far as its answers are plain JSON: attach, logs and wait are routes in {@code
 * dev.gantry.container.stdio}. What changes something is carried through also when its client has gone.
 */
@Path("/containers")
public class ContainersResource {
    private final LocalContainers containers;
    private final RestartContainer restart;
    private final KillContainer kill;
    private final PauseContainer pause;
    private final RenameContainer rename;
    private final UpdateContainer update;
    private final TopContainer top;
    private final ResizeContainer resize;
    private final Execs execs;
    private final PruneContainers prune;
    private final ListContainers list;
    private final InspectContainer inspect;
    private final KeptLogs kept;
    private final ChangeLinks links;
    private final Background background;

    ContainersResource(
            LocalContainers containers,
            RestartContainer restart,
            KillContainer kill,
            PauseContainer pause,
            RenameContainer rename,
            UpdateContainer update,
            TopContainer top,
            ResizeContainer resize,
            Execs execs,
            PruneContainers prune,
            ListContainers list,
            InspectContainer inspect,
            KeptLogs kept,
            ChangeLinks links,
            Background background) {
        this.containers = containers;
        this.restart = restart;
        this.kill = kill;
        this.pause = pause;
        this.rename = rename;
        this.update = update;
        this.top = top;
        this.resize = resize;
        this.execs = execs;
        this.prune = prune;
        this.list = list;
        this.inspect = inspect;
        this.kept = kept;
        this.links = links;
        this.background = background;
    }

    @POST
    @Path("create")
    @ResponseStatus(201)
    public Uni<ContainerResults.Created> create(
            @RestQuery String name,
            @RestQuery String platform,
            @HeaderParam(ApiVersion.HEADER) String version,
            JsonNode body) {
        return containers.create(new Containers.Creation(name, platform, body, ApiVersion.ofHeader(version)));
    }

    @GET
    @Path("json")
    public Uni<List<ContainerSummary>> list(
            @RestQuery String all, @RestQuery String limit, @RestQuery String size, @RestQuery String filters) {
        Integer most = QueryValue.number("limit", limit);
        return list.list(QueryValue.flag(all), most == null ? 0 : most, QueryValue.flag(size), filters);
    }

    @GET
    @Path("{id}/json")
    public Uni<ContainerInspect> inspect(
            @RestPath String id, @RestQuery String size, @HeaderParam(ApiVersion.HEADER) String version) {
        return inspect.inspect(id, QueryValue.flag(size), ApiVersion.ofHeader(version))
                .onFailure()
                .recoverWithUni(missing ->
                        kept.find(id, missing).map(gone -> StoredJson.read(gone.inspection(), ContainerInspect.class)));
    }

    @POST
    @Path("{id}/start")
    public Uni<Void> start(@RestPath String id) {
        return containers.start(id);
    }

    @POST
    @Path("{id}/stop")
    public Uni<Void> stop(@RestPath String id, @RestQuery String signal, @RestQuery String t) {
        return containers.stop(id, new Containers.Stop(signal, QueryValue.number("t", t)));
    }

    @POST
    @Path("{id}/restart")
    public Uni<Void> restart(@RestPath String id, @RestQuery String signal, @RestQuery String t) {
        return background.await(() -> restart.restart(id, signal, QueryValue.number("t", t)));
    }

    @POST
    @Path("{id}/kill")
    public Uni<Void> kill(@RestPath String id, @RestQuery String signal) {
        return background.await(() -> kill.kill(id, signal));
    }

    @POST
    @Path("{id}/pause")
    public Uni<Void> pause(@RestPath String id) {
        return background.await(() -> pause.pause(id));
    }

    @POST
    @Path("{id}/unpause")
    public Uni<Void> unpause(@RestPath String id) {
        return background.await(() -> pause.unpause(id));
    }

    @POST
    @Path("{id}/rename")
    public Uni<Void> rename(@RestPath String id, @RestQuery String name) {
        return background.await(() -> rename.rename(id, name));
    }

    @POST
    @Path("{id}/update")
    @ResponseStatus(200)
    public Uni<ContainerResults.Updated> update(
            @RestPath String id, @HeaderParam(ApiVersion.HEADER) String version, JsonNode body) {
        return background.await(() -> update.update(id, body, ApiVersion.ofHeader(version)));
    }

    @POST
    @Path("{id}/resize")
    @ResponseStatus(200)
    public Uni<Void> resize(@RestPath String id, @RestQuery String h, @RestQuery String w) {
        return resize.resize(id, TerminalSize.parse(h, w));
    }

    @POST
    @Path("{id}/exec")
    @ResponseStatus(201)
    public Uni<ContainerResults.ExecCreated> createExec(@RestPath String id, JsonNode body) {
        return execs.create(id, RequestJson.body(body, ExecConfig.class));
    }

    @GET
    @Path("{id}/top")
    public Uni<ContainerResults.Top> top(@RestPath String id, @RestQuery("ps_args") String psArgs) {
        return top.top(id, psArgs);
    }

    @DELETE
    @Path("{id}")
    public Uni<Void> remove(@RestPath String id, @RestQuery String v, @RestQuery String force, @RestQuery String link) {
        if (QueryValue.flag(link)) {
            return links.refuse(id);
        }
        return containers.remove(id, new Containers.Removal(QueryValue.flag(force), QueryValue.flag(v)));
    }

    /** A container by what another one calls it, or that link. */
    @DELETE
    @Path("{id}/{alias}")
    public Uni<Void> removeLinked(
            @RestPath String id,
            @RestPath String alias,
            @RestQuery String v,
            @RestQuery String force,
            @RestQuery String link) {
        return QueryValue.flag(link)
                ? links.remove(id, alias)
                : links.target(id, alias)
                        .chain(target -> containers.remove(
                                target, new Containers.Removal(QueryValue.flag(force), QueryValue.flag(v))));
    }

    @POST
    @Path("prune")
    public Uni<ContainerResults.Pruned> prune(@RestQuery String filters) {
        return background.await(() -> prune.prune(filters));
    }
}
