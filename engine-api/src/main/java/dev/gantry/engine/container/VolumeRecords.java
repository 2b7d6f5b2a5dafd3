package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/** Bodies and answers below {@code /volumes}, spelled as in the API. */
public final class VolumeRecords {
    private VolumeRecords() {}

    /** Body of {@code POST /volumes/create}; a name is generated when there is none, and a driver not asked for is empty. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Create(
            String name,
            String driver,
            Map<String, String> driverOpts,
            Map<String, String> labels,
            JsonNode clusterVolumeSpec) {
        public Create {
            name = name == null ? "" : name;
            driver = driver == null ? "" : driver;
            driverOpts = driverOpts == null ? Map.of() : driverOpts;
            clusterVolumeSpec = clusterVolumeSpec == null || clusterVolumeSpec.isNull() ? null : clusterVolumeSpec;
        }
    }

    /** {@code status} is a plug-in's own. {@code createdAt} in RFC 3339 without fraction; {@code labels} and {@code options} may be null. Usage only where asked for. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Volume(
            @JsonInclude(JsonInclude.Include.NON_NULL) String createdAt,
            String driver,
            Map<String, String> labels,
            String mountpoint,
            String name,
            Map<String, String> options,
            String scope,
            @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Object> status,
            @JsonInclude(JsonInclude.Include.NON_NULL) Usage usageData) {
        public Volume withUsage(Usage usage) {
            return new Volume(createdAt, driver, labels, mountpoint, name, options, scope, status, usage);
        }
    }

    /**
     * What a volume takes up.
     *
     * @param size bytes; -1 when the host could not tell
     * @param refCount how many containers have it
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Usage(long size, long refCount) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Listing(List<Volume> volumes, @JsonInclude List<String> warnings) {}

    /** {@code spaceReclaimed} in bytes. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Pruned(List<String> volumesDeleted, long spaceReclaimed) {}
}
