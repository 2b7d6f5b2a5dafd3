package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.gantry.engine.json.RawJson;
import java.util.List;
import java.util.Map;

/**
 * An entry of {@code GET /containers/json}.
 *
 * @param names with a leading slash
 * @param created seconds since 1970
 * @param labels an object of strings, as stored
 * @param status Docker's words, such as {@code Up 3 seconds}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ContainerSummary(
        String id,
        List<String> names,
        String image,
        @JsonProperty("ImageID") String imageId,
        String command,
        long created,
        List<Port> ports,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) Long sizeRw,
        @JsonInclude(JsonInclude.Include.NON_NULL) Long sizeRootFs,
        RawJson labels,
        String state,
        String status,
        SummaryHostConfig hostConfig,
        SummaryNetworks networkSettings,
        List<MountPoint> mounts) {

    /** {@code publicPort} 0 and no {@code ip} for a port that is exposed only. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Port(
            @JsonProperty("IP") @JsonInclude(JsonInclude.Include.NON_EMPTY) String ip,
            int privatePort,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int publicPort,
            String type) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record SummaryHostConfig(
            String networkMode, @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> annotations) {}

    /** @param networks {@link EndpointSettings} by name */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record SummaryNetworks(RawJson networks) {}

    /** The same with its sizes in bytes. */
    public ContainerSummary withSize(long rw, long rootFs) {
        return new ContainerSummary(
                id,
                names,
                image,
                imageId,
                command,
                created,
                ports,
                rw,
                rootFs,
                labels,
                state,
                status,
                hostConfig,
                networkSettings,
                mounts);
    }
}
