package dev.gantry.container.create;

import dev.gantry.engine.container.ContainerConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a log's options may name of its container.
 *
 * @param imageId with its algorithm
 * @param options of the log
 */
record LoggedContainer(
        String id, String name, String imageId, ContainerConfig config, Map<String, String> options, Instant created) {
    /** Fields that only the host knows, or that are functions. */
    static final Set<String> UNKNOWN = Set.of("Hostname", "LogPath", "ExtraAttributes");

    private static final int SHORT = 12;

    LoggedContainer(String id, String name, String imageId, ContainerConfig config) {
        this(id, name, imageId, config, Map.of(), Instant.EPOCH);
    }

    /**
     * A field that tags may have ({@code logger.Info}): a text, a list or a map of them; null for none.
     *
     * @param field as in Go
     */
    Object field(String field) {
        return switch (field) {
            case "ID" -> shortened(id);
            case "FullID", "ContainerID" -> id;
            case "Name" -> name;
            case "ContainerName" -> "/" + name;
            case "ImageID" -> shortened(imageId.substring(imageId.indexOf(':') + 1));
            case "ImageFullID", "ContainerImageID" -> imageId;
            case "ImageName", "ContainerImageName" -> config.image();
            case "Command" -> command();
            case "ContainerEntrypoint" ->
                arguments().isEmpty() ? "" : arguments().getFirst();
            case "ContainerArgs" ->
                arguments().isEmpty()
                        ? List.of()
                        : arguments().subList(1, arguments().size());
            case "ContainerEnv" -> config.env() == null ? List.of() : config.env();
            case "ContainerLabels" -> config.labels() == null ? Map.of() : config.labels();
            case "ContainerCreated" -> created.toString().replace('T', ' ').replace("Z", " +0000 UTC");
            case "Config" -> options;
            case "DaemonName" -> "docker";
            default -> null;
        };
    }

    String command() {
        return String.join(" ", arguments());
    }

    private List<String> arguments() {
        return SpecBuilder.args(config);
    }

    private static String shortened(String digits) {
        return digits.substring(0, Math.min(SHORT, digits.length()));
    }
}
