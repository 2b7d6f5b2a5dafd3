package dev.gantry.engine.container;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;

/** What other services ask of container-service. */
public interface Containers {
    /** The containers made of an image, for deciding whether it may be removed. */
    Uni<List<ContainerUse>> usingImage(String imageId);

    /** The containers that are (or, when stopped, will be) attached to a network. */
    Uni<List<ContainerUse>> usingNetwork(String networkId);

    /** How many containers are to run on each host, by its id; a host without any is left out. */
    Uni<Map<String, Long>> load();

    /** Figures for {@code docker info}. */
    Uni<Counts> counts();

    /**
     * A container as others need to know it.
     *
     * @param id 64 hex digits
     * @param name without the leading slash
     * @param imageReference as the client wrote it at create
     */
    record ContainerUse(String id, String name, String imageReference, boolean running) {}

    record Counts(long running, long paused, long stopped) {
        public long total() {
            return running + paused + stopped;
        }
    }
}
