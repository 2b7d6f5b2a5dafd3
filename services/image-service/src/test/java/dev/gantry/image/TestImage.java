package dev.gantry.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small images that tests make themselves. */
public final class TestImage {
    public static final ObjectMapper JSON = new ObjectMapper();

    private final List<byte[]> layers = new ArrayList<>();
    private final ObjectNode config = JSON.createObjectNode();

    private TestImage() {
        config.put("os", "linux").put("architecture", "amd64").put("created", "2024-02-03T04:05:06.789Z");
        config.putObject("config").putArray("Cmd").add("sh");
    }

    /** An image with a layer for each text, which is the content of the layer's one file. */
    public static TestImage of(String... texts) {
        TestImage image = new TestImage();
        for (String text : texts) {
            image.layers.add(tar(Map.of("etc/" + Integer.toHexString(text.hashCode()), bytes(text))));
        }
        return image;
    }

    public TestImage architecture(String architecture) {
        config.put("architecture", architecture);
        return this;
    }

    public TestImage created(String created) {
        config.put("created", created);
        return this;
    }

    public TestImage label(String key, String value) {
        ObjectNode outer = (ObjectNode) config.get("config");
        ((ObjectNode) (outer.has("Labels") ? outer.get("Labels") : outer.putObject("Labels"))).put(key, value);
        return this;
    }

    public List<byte[]> layers() {
        return layers;
    }

    public byte[] config() {
        ObjectNode copy = config.deepCopy();
        ObjectNode rootfs = copy.putObject("rootfs").put("type", "layers");
        var diffIds = rootfs.putArray("diff_ids");
        layers.forEach(layer -> diffIds.add(Digest.of(layer)));
        var history = copy.putArray("history");
        layers.forEach(layer ->
                history.addObject().put("created", "2024-02-03T04:05:06Z").put("created_by", "ADD"));
        return bytes(copy.toString());
    }

    public String id() {
        return Digest.of(config());
    }

    /** As {@code docker save} of older versions wrote it. */
    public byte[] dockerArchive(String... tags) {
        return tar(dockerFiles(layers, tags));
    }

    /** The files of {@link #dockerArchive}, to be changed by a test. */
    public Map<String, byte[]> dockerFiles(List<byte[]> blobs, String... tags) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        var manifest = JSON.createArrayNode();
        var entry = manifest.addObject().put("Config", Digest.hex(id()) + ".json");
        var repoTags = entry.putArray("RepoTags");
        List.of(tags).forEach(repoTags::add);
        var names = entry.putArray("Layers");
        for (int i = 0; i < blobs.size(); i++) {
            names.add("layer" + i + "/layer.tar");
            files.put("layer" + i + "/layer.tar", blobs.get(i));
        }
        files.put(Digest.hex(id()) + ".json", config());
        files.put("manifest.json", bytes(manifest.toString()));
        return files;
    }

    public static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
