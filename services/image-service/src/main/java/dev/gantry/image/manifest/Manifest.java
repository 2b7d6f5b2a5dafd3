package dev.gantry.image.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;

/** An image's manifest, Docker schema 2 or OCI. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(int schemaVersion, String mediaType, Descriptor config, List<Descriptor> layers) {
    /** Configuration and layers. */
    public List<Descriptor> blobs() {
        List<Descriptor> blobs = new ArrayList<>(layers);
        blobs.add(config);
        return blobs;
    }
}
