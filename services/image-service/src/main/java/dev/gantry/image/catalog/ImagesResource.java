package dev.gantry.image.catalog;

import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.image.DeleteResponseItem;
import dev.gantry.engine.image.HistoryResponseItem;
import dev.gantry.engine.image.ImageInspect;
import dev.gantry.engine.image.ImageSummary;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** The images at {@code /images}, except what is streamed. */
@Path("/images")
public class ImagesResource {
    private final ListImages list;
    private final InspectImage inspect;
    private final TagImage tag;
    private final RemoveImage remove;

    ImagesResource(ListImages list, InspectImage inspect, TagImage tag, RemoveImage remove) {
        this.list = list;
        this.inspect = inspect;
        this.tag = tag;
        this.remove = remove;
    }

    @GET
    @Path("/json")
    public Uni<List<ImageSummary>> list(
            @RestQuery String filters,
            @RestQuery String all,
            @RestQuery("shared-size") String sharedSize,
            @RestHeader(ApiVersion.HEADER) String version) {
        return list.list(filters, QueryValue.flag(all), QueryValue.flag(sharedSize), ApiVersion.ofHeader(version));
    }

    @GET
    @Path("/{name:.+}/json")
    public Uni<ImageInspect> inspect(@RestPath String name, @RestHeader(ApiVersion.HEADER) String version) {
        return inspect.inspect(name, ApiVersion.ofHeader(version));
    }

    @GET
    @Path("/{name:.+}/history")
    public Uni<List<HistoryResponseItem>> history(@RestPath String name) {
        return inspect.history(name);
    }

    @POST
    @Path("/{name:.+}/tag")
    public Uni<Response> tag(@RestPath String name, @RestQuery String repo, @RestQuery String tag) {
        if (repo == null || repo.isEmpty()) {
            throw new EngineError.BadParameter("invalid reference format");
        }
        return this.tag.tag(name, Reference.of(repo, tag)).replaceWith(() -> Response.status(201)
                .build());
    }

    @DELETE
    @Path("/{name:.+}")
    public Uni<List<DeleteResponseItem>> remove(
            @RestPath String name, @RestQuery String force, @RestQuery String noprune) {
        return remove.remove(name, QueryValue.flag(force), !QueryValue.flag(noprune));
    }

    @POST
    @Path("/prune")
    public Response prune() {
        throw new EngineError.NotSupported("docker image prune is not supported by Gantry");
    }

    @GET
    @Path("/search")
    public Response search() {
        throw new EngineError.NotSupported("docker search is not supported by Gantry");
    }
}
