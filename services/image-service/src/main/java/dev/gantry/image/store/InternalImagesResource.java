package dev.gantry.image.store;

import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.RemoteImages;
import dev.gantry.engine.image.ResolvedImage;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.RestQuery;

/** The port {@link Images} over HTTP, for {@code RemoteImages}. */
@Path("/internal/image-service/images")
public class InternalImagesResource {
    private final ImageStore images;

    InternalImagesResource(ImageStore images) {
        this.images = images;
    }

    @GET
    @Path("/resolve")
    public Uni<ResolvedImage> resolve(@RestQuery String reference, @RestQuery @DefaultValue("") String platform) {
        return images.resolve(reference, platform);
    }

    @GET
    @Path("/count")
    public Uni<Long> count() {
        return images.count();
    }

    @POST
    @Path("/descendants")
    public Uni<List<String>> descendants(List<String> imageIds) {
        return images.descendants(imageIds);
    }

    @GET
    @Path("/name")
    public Uni<RemoteImages.Named> name(@RestQuery String repository, @RestQuery String tag) {
        return images.nameFor(repository, tag).map(RemoteImages.Named::new);
    }

    @POST
    @Path("/references")
    public Uni<List<Images.ImageReferences>> references(List<String> imageIds) {
        return images.referencesOf(imageIds);
    }

    @POST
    @Path("/layers-in-use")
    public Uni<List<String>> layersInUse(List<String> chainIds) {
        return images.layersInUse(chainIds);
    }
}
