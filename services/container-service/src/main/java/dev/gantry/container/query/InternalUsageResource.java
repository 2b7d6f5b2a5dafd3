package dev.gantry.container.query;

import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.VolumeRecords;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;

/** The port {@link ContainerUsage} over HTTP. */
@Path("/internal/container-service/usage")
public class InternalUsageResource {
    private final MeasureContainers usage;

    InternalUsageResource(MeasureContainers usage) {
        this.usage = usage;
    }

    @GET
    @Path("containers")
    public Uni<List<ContainerSummary>> containers() {
        return usage.containers();
    }

    @GET
    @Path("volumes")
    public Uni<List<VolumeRecords.Volume>> volumes() {
        return usage.volumes();
    }
}
