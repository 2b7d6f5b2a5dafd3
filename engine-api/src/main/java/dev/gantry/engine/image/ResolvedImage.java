package dev.gantry.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.ContainerSpec;
import java.util.List;

/**
 * An image, ready to make containers of.
 *
 * @param id {@code sha256:...} of the config
 * @param config the {@code config} object of the OCI image configuration (Env, Cmd, Entrypoint, ...), as stored
 * @param layers bottom first, each with a source that any agent can fetch it from
 * @param size bytes of all layers, uncompressed
 */
public record ResolvedImage(
        String id,
        String os,
        String architecture,
        String variant,
        JsonNode config,
        List<ContainerSpec.Layer> layers,
        long size) {}
