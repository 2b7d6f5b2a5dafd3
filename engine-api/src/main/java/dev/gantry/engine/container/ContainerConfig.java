package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * The API's {@code ContainerConfig}: what runs, independent of the host. At create it is what the client asked for;
 * stored and inspected it is merged with the image's.
 *
 * @param cmd null when not given; a single string counts as a list of one
 * @param entrypoint null when not given; {@code [""]} removes the image's
 * @param stopTimeout seconds; -1 waits for ever; null for the default
 * @param macAddress of the endpoint on the primary network (clients before 1.44)
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
public record ContainerConfig(
        String hostname,
        String domainname,
        String user,
        boolean attachStdin,
        boolean attachStdout,
        boolean attachStderr,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Map<String, String>> exposedPorts,
        boolean tty,
        boolean openStdin,
        boolean stdinOnce,
        List<String> env,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> cmd,
        @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode healthcheck,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean argsEscaped,
        String image,
        Map<String, Map<String, String>> volumes,
        String workingDir,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> entrypoint,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean networkDisabled,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String macAddress,
        List<String> onBuild,
        Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String stopSignal,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer stopTimeout,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> shell) {

    public ContainerConfig {
        hostname = hostname == null ? "" : hostname;
        domainname = domainname == null ? "" : domainname;
        user = user == null ? "" : user;
        image = image == null ? "" : image;
        workingDir = workingDir == null ? "" : workingDir;
        labels = labels == null ? Map.of() : labels;
        healthcheck = healthcheck == null || healthcheck.isNull() ? null : healthcheck;
    }
}
