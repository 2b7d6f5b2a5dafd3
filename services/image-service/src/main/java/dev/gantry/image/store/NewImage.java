package dev.gantry.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.image.manifest.ImageConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An image whose content is in the store, to be made known.
 *
 * @param layers lowest first, one for each diff id of the configuration
 * @param manifestDigest of the manifest with these layers, or null
 * @param manifests digests of manifests and indexes kept with the image
 */
public record NewImage(ImageConfig config, List<LayerBlob> layers, String manifestDigest, List<String> manifests) {
    public String id() {
        return config.id();
    }

    /** The same image, reached by other manifests. */
    public NewImage with(List<String> otherManifests) {
        return new NewImage(config, layers, manifestDigest, otherManifests);
    }

    /** The labels as JSON; null when there are none. */
    public String labels() {
        JsonNode labels = config.runConfig().path("Labels");
        return labels.isObject() ? labels.toString() : null;
    }

    long size() {
        return layers.stream().mapToLong(LayerBlob::contentSize).sum();
    }

    /** Everything in the content store that the image needs. */
    Set<String> content() {
        Set<String> digests = new HashSet<>(manifests);
        digests.add(id());
        layers.forEach(layer -> digests.add(layer.digest()));
        return digests;
    }

    List<ImageLayerEntity> layerEntities() {
        List<ImageLayerEntity> entities = new ArrayList<>(layers.size());
        String chain = null;
        for (LayerBlob layer : layers) {
            chain = Digest.chain(chain, layer.diffId());
            entities.add(new ImageLayerEntity(id(), entities.size(), chain, layer));
        }
        return entities;
    }
}
