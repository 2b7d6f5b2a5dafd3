package dev.gantry.engine.json;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * A JSON value as it was stored, written into an answer byte by byte: nothing is parsed and made again.
 *
 * @param text well-formed; whoever makes one vouches for it
 */
public record RawJson(@JsonValue @JsonRawValue String text) {
    /** Out of an answer of another process. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static RawJson of(JsonNode tree) {
        return new RawJson(tree.toString());
    }
}
