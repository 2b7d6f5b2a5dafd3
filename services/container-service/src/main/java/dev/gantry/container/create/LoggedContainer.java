package dev.gantry.container.create;

import dev.gantry.engine.container.ContainerConfig;

/**
 * What a log's options may name of its container.
 *
 * @param imageId with its algorithm
 */
record LoggedContainer(String id, String name, String imageId, ContainerConfig config) {
    /**
     * A field that tags may have ({@code logger.Info}); null for none.
     *
     * @param field as in Go
     */
    String field(String field) {
        return switch (field) {
            case "ID" -> shortened(id);
            case "FullID" -> id;
            case "Name" -> name;
            case "ImageID" -> shortened(imageId.substring(imageId.indexOf(':') + 1));
            case "ImageFullID" -> imageId;
            case "ImageName" -> config.image();
            case "Command" -> String.join(" ", SpecBuilder.args(config));
            case "DaemonName" -> "docker";
            default -> null;
        };
    }

    private static String shortened(String digits) {
        return digits.substring(0, Math.min(12, digits.length()));
    }
}
