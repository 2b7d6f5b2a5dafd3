package dev.gantry.image.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.image.content.Compression;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.manifest.Descriptor;
import dev.gantry.image.manifest.Manifest;
import dev.gantry.image.manifest.ManifestIndex;
import dev.gantry.image.manifest.MediaTypes;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.LayerBlob;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes images as {@code docker save} has done since version 25: an OCI layout of uncompressed layers that has
 * {@code manifest.json} as well, so that older versions load it too. The same images give the same bytes.
 */
final class ArchiveWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DIRECTORY_MODE = 040755;
    private static final int FILE_MODE = 0100644;

    private final ContentStore store;
    private final TarArchiveOutputStream tar;

    ArchiveWriter(ContentStore store, OutputStream out) {
        this.store = store;
        this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    /** Writes all, closes the stream. */
    void write(List<SavedImage> images) throws IOException {
        Map<String, byte[]> documents = new TreeMap<>();
        Map<String, LayerBlob> layers = new HashMap<>();
        ArrayNode index = JSON.createArrayNode();
        ArrayNode manifests = JSON.createArrayNode();
        ObjectNode repositories = JSON.createObjectNode();
        for (SavedImage image : images) {
            byte[] manifest = manifest(image);
            documents.put(SavedImage.path(image.id()), image.configBytes());
            documents.put(SavedImage.path(Digest.of(manifest)), manifest);
            image.layers().forEach(layer -> layers.put(SavedImage.path(layer.diffId()), layer));
            describe(image, manifest, index, manifests, repositories);
        }
        directory("blobs/");
        directory("blobs/sha256/");
        TreeMap<String, Object> blobs = new TreeMap<>(documents);
        blobs.putAll(layers);
        for (Map.Entry<String, Object> blob : blobs.entrySet()) {
            if (blob.getValue() instanceof LayerBlob layer) {
                layer(blob.getKey(), layer);
            } else {
                file(blob.getKey(), (byte[]) blob.getValue());
            }
        }
        ObjectNode outer = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
        outer.set("manifests", index);
        file("index.json", bytes(outer));
        file("manifest.json", bytes(manifests));
        file("oci-layout", bytes(JSON.createObjectNode().put("imageLayoutVersion", "1.0.0")));
        if (!repositories.isEmpty()) {
            file("repositories", bytes(repositories));
        }
        // Only closing writes the last block out.
        tar.close();
    }

    private static byte[] manifest(SavedImage image) throws JsonProcessingException {
        List<Descriptor> layers = image.layers().stream()
                .map(layer -> new Descriptor(MediaTypes.OCI_LAYER, layer.diffId(), layer.tarSize()))
                .toList();
        Descriptor config = new Descriptor(MediaTypes.OCI_CONFIG, image.id(), image.configBytes().length);
        return JSON.writeValueAsBytes(new Manifest(2, MediaTypes.OCI_MANIFEST, config, layers));
    }

    private static void describe(
            SavedImage image, byte[] manifest, ArrayNode index, ArrayNode manifests, ObjectNode repositories) {
        ObjectNode entry = manifests.addObject().put("Config", SavedImage.path(image.id()));
        ArrayNode tags = JSON.createArrayNode();
        entry.set("RepoTags", image.names().isEmpty() ? JSON.nullNode() : tags);
        image.names().forEach(name -> tags.add(name.familiar()));
        ArrayNode layers = entry.putArray("Layers");
        image.layers().forEach(layer -> layers.add(SavedImage.path(layer.diffId())));
        for (Reference name : image.names()) {
            ObjectNode annotations = pointer(index, manifest).putObject("annotations");
            annotations.put(ManifestIndex.NAME_ANNOTATION, name.name());
            annotations.put(ManifestIndex.TAG_ANNOTATION, name.tag());
            if (!image.layers().isEmpty()) {
                String top = Digest.hex(image.layers().getLast().diffId());
                repositories
                        .withObject("/" + name.familiarName().replace("~", "~0").replace("/", "~1"))
                        .put(name.tag(), top);
            }
        }
        if (image.names().isEmpty()) {
            pointer(index, manifest);
        }
    }

    private static ObjectNode pointer(ArrayNode index, byte[] manifest) {
        return index.addObject()
                .put("mediaType", MediaTypes.OCI_MANIFEST)
                .put("digest", Digest.of(manifest))
                .put("size", manifest.length);
    }

    private void directory(String name) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(DIRECTORY_MODE);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private void file(String name, byte[] content) throws IOException {
        begin(name, content.length);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private void layer(String name, LayerBlob layer) throws IOException {
        begin(name, layer.tarSize());
        try (InputStream plain = Compression.decompress(Files.newInputStream(store.path(layer.digest())))) {
            plain.transferTo(tar);
        }
        tar.closeArchiveEntry();
    }

    private void begin(String name, long size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(FILE_MODE);
        entry.setModTime(0);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
    }

    private static byte[] bytes(Object json) throws JsonProcessingException {
        return JSON.writeValueAsBytes(json);
    }
}
