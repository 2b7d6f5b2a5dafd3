package dev.gantry.image.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * Names content by digest and size.
 *
 * @param size bytes
 * @param platform null except in an index
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Descriptor(
        String mediaType,
        String digest,
        @JsonInclude(JsonInclude.Include.ALWAYS) long size,
        List<String> urls,
        Map<String, String> annotations,
        Platform platform) {
    public Descriptor(String mediaType, String digest, long size) {
        this(mediaType, digest, size, null, null, null);
    }

    public String annotation(String name) {
        return annotations == null ? null : annotations.get(name);
    }
}
