package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The API's {@code MountPoint}: a mount of a container as inspected.
 *
 * @param name volume name; empty for other kinds
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record MountPoint(
        String type,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String name,
        String source,
        String destination,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String driver,
        String mode,
        @JsonProperty("RW") boolean rw,
        String propagation) {}
