package dev.gantry.image.catalog;

import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestQuery;

/** The port {@link ImageUsage} over HTTP. */
@Path("/internal/image-service/usage")
public class InternalUsageResource {
    private final MeasureImages images;

    InternalUsageResource(MeasureImages images) {
        this.images = images;
    }

    @GET
    public Uni<ImageUsage.Usage> measure(@RestQuery String version) {
        return images.measure(ApiVersion.ofHeader(version));
    }
}
