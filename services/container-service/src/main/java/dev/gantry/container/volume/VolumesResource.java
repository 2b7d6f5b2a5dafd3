package dev.gantry.container.volume;

import dev.gantry.container.stdio.Truth;
import dev.gantry.engine.container.VolumeRecords;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.Map;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** The API's {@code Volume} section. */
@Path("/volumes")
public class VolumesResource {
    private final Volumes volumes;
    private final ListVolumes listing;
    private final RemoveVolume removal;

    VolumesResource(Volumes volumes, ListVolumes listing, RemoveVolume removal) {
        this.volumes = volumes;
        this.listing = listing;
        this.removal = removal;
    }

    @GET
    public Uni<VolumeRecords.Listing> list(@RestQuery String filters) {
        return listing.list(filters);
    }

    @POST
    @Path("create")
    @ResponseStatus(201)
    public Uni<VolumeRecords.Volume> create(VolumeRecords.Create request) {
        return volumes.create(request == null ? new VolumeRecords.Create(null, null, Map.of(), null) : request);
    }

    @GET
    @Path("{name}")
    public Uni<VolumeRecords.Volume> inspect(@RestPath String name) {
        return volumes.inspect(name);
    }

    @DELETE
    @Path("{name}")
    public Uni<Void> remove(@RestPath String name, @RestQuery String force) {
        return removal.remove(name, Truth.of(force));
    }

    @POST
    @Path("prune")
    public Uni<VolumeRecords.Pruned> prune(@RestQuery String filters) {
        return listing.prune(filters);
    }
}
