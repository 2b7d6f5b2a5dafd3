package dev.gantry.engine.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * Answer of {@code GET /images/{name}/json}. Null members are left out: which they are depends on the API's version.
 *
 * @param created RFC 3339
 * @param size bytes of the files in all layers
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageInspect(
        String id,
        List<String> repoTags,
        List<String> repoDigests,
        String parent,
        String comment,
        String created,
        String container,
        JsonNode containerConfig,
        String dockerVersion,
        String author,
        JsonNode config,
        String architecture,
        String variant,
        String os,
        String osVersion,
        long size,
        Long virtualSize,
        GraphDriver graphDriver,
        RootFs rootFS,
        Metadata metadata) {

    /** How hosts keep the layers; data is null, since each host has its own. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record GraphDriver(Map<String, String> data, String name) {}

    /** @param layers diff ids, lowest first */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record RootFs(String type, List<String> layers) {}

    /** @param lastTagTime RFC 3339; year 1 when never tagged */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Metadata(String lastTagTime) {}
}
