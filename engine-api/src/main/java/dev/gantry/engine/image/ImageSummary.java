package dev.gantry.engine.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * A line of {@code GET /images/json}.
 *
 * @param created seconds since 1970
 * @param size bytes of the files in all layers
 * @param sharedSize bytes in layers that other images have too; -1 when not asked for
 * @param virtualSize the same as {@code size} before API 1.44, null since
 * @param containers -1 when not counted
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ImageSummary(
        String id,
        String parentId,
        List<String> repoTags,
        List<String> repoDigests,
        long created,
        long size,
        long sharedSize,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long virtualSize,
        Map<String, String> labels,
        long containers) {
    public ImageSummary withContainers(long count) {
        return new ImageSummary(
                id, parentId, repoTags, repoDigests, created, size, sharedSize, virtualSize, labels, count);
    }
}
