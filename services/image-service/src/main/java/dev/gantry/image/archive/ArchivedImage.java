package dev.gantry.image.archive;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Digest;
import dev.gantry.engine.EngineError;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.Manifest;
import dev.gantry.image.manifest.ManifestIndex;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.manifest.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An image in an archive, as {@code manifest.json} tells of it.
 *
 * @param config name of the file with the configuration
 * @param repoTags null or empty when the image has no name
 * @param layers names of the files with the layers, lowest first
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ArchivedImage(
        @JsonProperty("Config") String config,
        @JsonProperty("RepoTags") List<String> repoTags,
        @JsonProperty("Layers") List<String> layers) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_MANIFEST = 8 << 20;
    private static final int MAX_DEPTH = 4;

    /** Each costs transactions, and a manifest has place for a quarter of a million. */
    private static final int MAX_IMAGES = 10_000;

    /** The images of a docker archive or, without a {@code manifest.json}, of an OCI layout. */
    static List<ArchivedImage> in(ArchiveContents archive, Platform platform) throws IOException {
        byte[] manifest = archive.read("manifest.json", MAX_MANIFEST);
        if (manifest != null) {
            return few(parse(() -> JSON.readValue(manifest, new TypeReference<List<ArchivedImage>>() {})));
        }
        byte[] index = archive.read("index.json", MAX_MANIFEST);
        if (index == null) {
            throw new EngineError.BadParameter("invalid archive: does not contain a manifest.json");
        }
        List<ArchivedImage> images = new ArrayList<>();
        for (Descriptor entry :
                few(parse(() -> JSON.readValue(index, ManifestIndex.class)).manifests())) {
            ArchivedImage image = follow(archive, entry, platform, MAX_DEPTH);
            if (image != null) {
                images.add(image.named(entry));
            }
        }
        return images;
    }

    /** Names of an image count as images do. */
    private static <T> List<T> few(List<T> images) {
        long count = 0;
        for (T image : images == null ? List.<T>of() : images) {
            if (image == null) {
                throw new EngineError.BadParameter("invalid archive: empty manifest");
            }
            boolean named = image instanceof ArchivedImage archived && archived.repoTags() != null;
            count += 1 + (named ? ((ArchivedImage) image).repoTags().size() : 0);
        }
        if (count > MAX_IMAGES) {
            throw new EngineError.BadParameter("invalid archive: more than " + MAX_IMAGES + " images and names");
        }
        return images == null ? List.of() : images;
    }

    private static ArchivedImage follow(ArchiveContents archive, Descriptor entry, Platform platform, int depth)
            throws IOException {
        byte[] content = depth == 0 ? null : archive.read(blob(entry), MAX_MANIFEST);
        if (content == null) {
            return null;
        }
        if (MediaTypes.isIndex(entry.mediaType())) {
            ManifestIndex index = parse(() -> JSON.readValue(content, ManifestIndex.class));
            Descriptor chosen = index.choose(platform).orElse(null);
            return chosen == null ? null : follow(archive, chosen, platform, depth - 1);
        }
        Manifest manifest = parse(() -> JSON.readValue(content, Manifest.class));
        if (manifest.config() == null || manifest.layers() == null) {
            throw new EngineError.BadParameter("invalid archive: manifest without config or layers");
        }
        List<String> layers = new ArrayList<>();
        for (Descriptor layer : manifest.layers()) {
            layers.add(blob(layer));
        }
        return new ArchivedImage(blob(manifest.config()), null, layers);
    }

    private ArchivedImage named(Descriptor entry) {
        String full = entry.annotation(ManifestIndex.NAME_ANNOTATION);
        String name = full != null ? full : entry.annotation(ManifestIndex.TAG_ANNOTATION);
        // A bare tag, as "latest", names no repository.
        boolean usable = name != null && (full != null || name.contains(":") || name.contains("/"));
        return new ArchivedImage(config, usable ? List.of(name) : List.of(), layers);
    }

    private static String blob(Descriptor descriptor) {
        if (descriptor == null || !Digest.isValid(descriptor.digest())) {
            throw new EngineError.BadParameter("invalid archive: bad digest");
        }
        return "blobs/sha256/" + Digest.hex(descriptor.digest());
    }

    private static <T> T parse(Parser<T> parser) throws IOException {
        try {
            T value = parser.parse();
            if (value == null) {
                throw new EngineError.BadParameter("invalid archive: empty manifest");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("invalid archive: not the expected JSON");
        }
    }

    @FunctionalInterface
    private interface Parser<T> {
        T parse() throws IOException;
    }
}
