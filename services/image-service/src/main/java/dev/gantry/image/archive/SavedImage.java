package dev.gantry.image.archive;

import dev.gantry.agent.api.Digest;
import dev.gantry.image.reference.Reference;
import dev.gantry.image.store.LayerBlob;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An image to be written to an archive, under these names. */
record SavedImage(String id, String config, List<LayerBlob> layers, List<Reference> names) {
    byte[] configBytes() {
        return config.getBytes(StandardCharsets.UTF_8);
    }

    /** Name in the archive of the blob with that digest. */
    static String path(String digest) {
        return "blobs/sha256/" + Digest.hex(digest);
    }
}
