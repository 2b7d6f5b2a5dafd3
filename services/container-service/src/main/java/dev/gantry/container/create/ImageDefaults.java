package dev.gantry.container.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.json.RequestJson;
import java.util.HashSet;
import java.util.Set;

/** Fills in from the image, or from the container that one is committed of, what the client left out, as dockerd does. */
public final class ImageDefaults {
    private static final String[] WHEN_EMPTY = {"User", "WorkingDir", "StopSignal"};
    private static final String[] WHEN_MISSING = {"ArgsEscaped"};

    private ImageDefaults() {}

    /** @param image the {@code config} object of the image, maybe empty */
    static ContainerConfig merge(ContainerConfig asked, JsonNode image, String defaultHostname) {
        ObjectNode merged = filled(asked, image);
        JsonNode entrypoint = merged.path("Entrypoint");
        if (entrypoint.size() == 1 && entrypoint.get(0).asText().isEmpty()) {
            merged.putNull("Entrypoint");
        }
        if (merged.path("Entrypoint").isEmpty() && merged.path("Cmd").isEmpty()) {
            throw new EngineError.BadParameter("no command specified");
        }
        merged.put(
                "WorkingDir",
                ConfigRules.cleanWorkingDir(merged.path("WorkingDir").asText("")));
        if (asked.hostname().isEmpty()) {
            merged.put("Hostname", defaultHostname);
        }
        try {
            return RequestJson.convert(merged, ContainerConfig.class);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.Failed("the image's configuration is not usable: " + e.getMessage());
        }
    }

    /** The same without what only a container needs. */
    public static ContainerConfig fill(ContainerConfig asked, ContainerConfig container) {
        return RequestJson.convert(filled(asked, StoredJson.tree(container)), ContainerConfig.class);
    }

    private static ObjectNode filled(ContainerConfig asked, JsonNode image) {
        ObjectNode merged = (ObjectNode) StoredJson.tree(asked);
        for (String field : WHEN_EMPTY) {
            if (merged.path(field).asText("").isEmpty() && image.hasNonNull(field)) {
                merged.set(field, image.get(field));
            }
        }
        for (String field : WHEN_MISSING) {
            if (!merged.hasNonNull(field) && image.hasNonNull(field)) {
                merged.set(field, image.get(field));
            }
        }
        health(merged, asked, image);
        command(merged, image);
        env(merged, image);
        union(merged, image, "ExposedPorts");
        union(merged, image, "Volumes");
        union(merged, image, "Labels");
        return merged;
    }

    /** Field by field. */
    private static void health(ObjectNode merged, ContainerConfig asked, JsonNode image) {
        HealthConfig own = asked.healthcheck() == null ? null : HealthConfig.of(asked.healthcheck());
        if (own != null) {
            merged.set("Healthcheck", own.json());
        }
        if (image.hasNonNull("Healthcheck")) {
            HealthConfig images = imagesHealth(image.get("Healthcheck"));
            merged.set("Healthcheck", (own == null ? images : own.over(images)).json());
        }
    }

    private static HealthConfig imagesHealth(JsonNode json) {
        try {
            return HealthConfig.of(json);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.Failed("the image's configuration is not usable: " + e.getMessage());
        }
    }

    /** A given entrypoint hides the image's command; {@code [""]} removes the image's entrypoint. */
    private static void command(ObjectNode merged, JsonNode image) {
        if (merged.path("Entrypoint").isEmpty()) {
            if (merged.path("Cmd").isEmpty() && image.path("Cmd").isArray()) {
                merged.set("Cmd", image.get("Cmd"));
            }
            if (!merged.hasNonNull("Entrypoint") && image.path("Entrypoint").isArray()) {
                merged.set("Entrypoint", image.get("Entrypoint"));
            }
        }
    }

    private static void env(ObjectNode merged, JsonNode image) {
        ArrayNode env = merged.path("Env").isArray() ? (ArrayNode) merged.get("Env") : merged.putArray("Env");
        Set<String> names = new HashSet<>();
        env.forEach(variable -> names.add(name(variable)));
        for (JsonNode variable : image.path("Env")) {
            if (!names.contains(name(variable))) {
                env.add(variable);
            }
        }
    }

    private static String name(JsonNode variable) {
        return variable.asText().split("=", 2)[0];
    }

    /** The client's entries win. */
    private static void union(ObjectNode merged, JsonNode image, String field) {
        if (!image.path(field).isObject() || image.path(field).isEmpty()) {
            return;
        }
        ObjectNode all = image.get(field).deepCopy();
        if (merged.path(field).isObject()) {
            all.setAll((ObjectNode) merged.get(field));
        }
        merged.set(field, all);
    }
}
