package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/** The small answers of the operations on containers, spelled as in the API. */
public final class ContainerResults {
    private ContainerResults() {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Created(String id, List<String> warnings) {}

    /** Answer of update; null for no warnings. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Updated(List<String> warnings) {}

    /** Answer of wait; {@code error} is there only when the wait itself failed. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Exit(@JsonInclude(JsonInclude.Include.NON_NULL) WaitError error, long statusCode) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record WaitError(String message) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Top(List<String> titles, List<List<String>> processes) {}

    /** {@code spaceReclaimed} in bytes. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Pruned(List<String> containersDeleted, long spaceReclaimed) {}

    /** Answer of commit: the image's id. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Committed(String id) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record ExecCreated(String id) {}

    /** Answer of {@code GET /exec/{id}/json}; {@code exitCode} is null while it runs. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record ExecInspect(
            @JsonProperty("ID") String id,
            boolean running,
            Integer exitCode,
            Process processConfig,
            boolean openStdin,
            boolean openStderr,
            boolean openStdout,
            boolean canRemove,
            @JsonProperty("ContainerID") String containerId,
            String detachKeys,
            int pid) {}

    /** Spelled in lower case in the API. */
    public record Process(
            boolean tty,
            String entrypoint,
            List<String> arguments,
            boolean privileged,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String user) {}
}
