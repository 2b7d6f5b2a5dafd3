package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.ContainerSpec;
import java.io.IOException;
import java.io.InputStream;

/** Where the bytes of a layer come from. */
@FunctionalInterface
interface LayerBlobs {
    /** {@return the blob as it is stored, not verified; the caller closes it} */
    InputStream open(ContainerSpec.Layer layer) throws IOException;
}
