package dev.gantry.engine.image;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * A step of an image's making in {@code GET /images/{name}/history}, the last first.
 *
 * @param id of the image for the last step, {@code <missing>} for the others
 * @param created seconds since 1970
 * @param tags null except for the last step
 * @param size bytes that the step added
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HistoryResponseItem(
        String id, long created, String createdBy, List<String> tags, long size, String comment) {}
