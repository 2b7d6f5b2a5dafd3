package dev.gantry.engine.image;

import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import java.util.List;

/** What images take up, for {@code docker system df}. */
public interface ImageUsage {
    /** @param version whose spelling the summaries have */
    Uni<Usage> measure(ApiVersion version);

    /**
     * All images.
     *
     * @param layersSize bytes of the files in all layers, each layer once
     * @param images with shared sizes; containers are not counted
     */
    record Usage(long layersSize, List<ImageSummary> images) {}
}
