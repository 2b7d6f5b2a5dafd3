package dev.gantry.image.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An OCI image configuration. Kept as it is, since its digest is the image's id.
 *
 * @param id digest of {@code text}
 * @param text the exact bytes, UTF-8
 * @param json the same, read
 */
public record ImageConfig(String id, String text, JsonNode json) {
    /** Larger ones are refused. */
    public static final int MAX_SIZE = 8 << 20;

    /** As many as dockerd stacks. */
    public static final int MAX_LAYERS = 125;

    /** RFC 3339 knows no others, and a database's timestamps end somewhere. */
    private static final int LAST_YEAR = 9999;

    /** Which no database stores; not behind a backslash that is itself escaped. */
    private static final Pattern NUL = Pattern.compile("(?<!\\\\)(\\\\\\\\)*\\\\u0000");

    private static final ObjectMapper READER = new ObjectMapper();

    /** Fails with {@code BadParameter} when the bytes are not an image's configuration. */
    public static ImageConfig parse(byte[] bytes) {
        try {
            JsonNode json = READER.readTree(bytes);
            if (json == null
                    || !json.isObject()
                    || !json.path("rootfs").path("diff_ids").isArray()) {
                throw new EngineError.BadParameter("invalid image JSON, no RootFS key");
            }
            if (json.path("rootfs").path("diff_ids").size() > MAX_LAYERS) {
                throw new EngineError.BadParameter("failed to register layer: max depth exceeded");
            }
            if (NUL.matcher(json.toString()).find()) {
                throw new EngineError.BadParameter("invalid image JSON: a string contains a NUL character");
            }
            ImageConfig config = new ImageConfig(Digest.of(bytes), new String(bytes, StandardCharsets.UTF_8), json);
            for (String diffId : config.diffIds()) {
                if (!Digest.isValid(diffId)) {
                    throw new EngineError.BadParameter("invalid image JSON: invalid diff id " + diffId);
                }
            }
            return config;
        } catch (IOException e) {
            throw new EngineError.BadParameter("invalid image JSON: not JSON");
        }
    }

    /** The same from text that was stored. */
    public static ImageConfig parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #runConfig()} of a configuration that was stored, and so checked. */
    public static JsonNode runConfig(String stored) {
        try {
            return runConfig(READER.readTree(stored));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored image configuration is unreadable", e);
        }
    }

    private static JsonNode runConfig(JsonNode json) {
        JsonNode config = json.get("config");
        return config == null || !config.isObject() ? READER.createObjectNode() : config;
    }

    public List<String> diffIds() {
        List<String> diffIds = new ArrayList<>();
        json.path("rootfs").path("diff_ids").forEach(node -> diffIds.add(node.asText()));
        return diffIds;
    }

    public Platform platform() {
        return new Platform(text("os"), text("architecture"), text("variant"), text("os.version"));
    }

    /** Null when the configuration does not say, or not in RFC 3339. */
    public Instant created() {
        try {
            String created = text("created");
            OffsetDateTime time = created.isEmpty() ? null : OffsetDateTime.parse(created);
            return time == null || time.getYear() < 0 || time.getYear() > LAST_YEAR ? null : time.toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** The part that containers are made with: Env, Cmd, Labels and so on; an empty object when absent. */
    public JsonNode runConfig() {
        return runConfig(json);
    }

    /** A member of the outer object as text, empty when absent. */
    public String text(String field) {
        return json.path(field).asText("");
    }
}
