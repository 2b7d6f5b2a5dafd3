package dev.gantry.container.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** The API's {@code Volume} section. */
@Path("/volumes")
public class VolumesResource {
    private final Volumes volumes;
    private final ListVolumes listing;
    private final RemoveVolume removal;
    private final Background background;

    VolumesResource(Volumes volumes, ListVolumes listing, RemoveVolume removal, Background background) {
        this.volumes = volumes;
        this.listing = listing;
        this.removal = removal;
        this.background = background;
    }

    @GET
    public Uni<VolumeRecords.Listing> list(@RestQuery String filters) {
        return listing.list(filters);
    }

    @POST
    @Path("create")
    @ResponseStatus(201)
    public Uni<VolumeRecords.Volume> create(JsonNode body) {
        return background.await(() -> volumes.create(RequestJson.body(body, VolumeRecords.Create.class)));
    }

    @GET
    @Path("{name}")
    public Uni<VolumeRecords.Volume> inspect(@RestPath String name) {
        return volumes.inspect(name);
    }

    @DELETE
    @Path("{name}")
    public Uni<Void> remove(@RestPath String name, @RestQuery String force) {
        return background.await(() -> removal.remove(name, QueryValue.flag(force)));
    }

    @POST
    @Path("prune")
    public Uni<VolumeRecords.Pruned> prune(@RestQuery String filters, @HeaderParam(ApiVersion.HEADER) String version) {
        return background.await(() -> listing.prune(filters, ApiVersion.ofHeader(version)));
    }
}
