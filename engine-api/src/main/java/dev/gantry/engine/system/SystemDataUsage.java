package dev.gantry.engine.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.image.ImageSummary;
import java.util.List;

/**
 * The answer of {@code GET /system/df}. What was not asked for is null; there is no build cache, so that list is empty.
 *
 * @param layersSize bytes of all images' layers, each once
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record SystemDataUsage(
        long layersSize,
        List<ImageSummary> images,
        List<ContainerSummary> containers,
        List<VolumeRecords.Volume> volumes,
        List<Object> buildCache) {}
