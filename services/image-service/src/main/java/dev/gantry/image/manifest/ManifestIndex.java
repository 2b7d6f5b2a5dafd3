package dev.gantry.image.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Manifests for several platforms: a Docker manifest list or an OCI index. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ManifestIndex(int schemaVersion, String mediaType, List<Descriptor> manifests) {
    public static final String NAME_ANNOTATION = "io.containerd.image.name";
    public static final String TAG_ANNOTATION = "org.opencontainers.image.ref.name";

    public ManifestIndex {
        manifests = manifests == null
                ? List.of()
                : manifests.stream().filter(Objects::nonNull).toList();
    }

    /** The manifest that fits best; entries without a platform fit anything, but worst. */
    public Optional<Descriptor> choose(Platform wanted) {
        return manifests.stream()
                .filter(entry -> MediaTypes.isManifest(entry.mediaType()) || MediaTypes.isIndex(entry.mediaType()))
                .filter(entry -> fit(wanted, entry) >= 0)
                .min(Comparator.comparingInt(entry -> fit(wanted, entry)));
    }

    private static int fit(Platform wanted, Descriptor entry) {
        return entry.platform() == null ? Integer.MAX_VALUE : wanted.preference(entry.platform());
    }
}
