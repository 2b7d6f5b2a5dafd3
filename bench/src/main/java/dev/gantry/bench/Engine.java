package dev.gantry.bench;

import java.io.IOException;
import java.util.Map;

/** Something with a Docker endpoint that can be started anew: ours, or a real dockerd. */
interface Engine extends AutoCloseable {
    Endpoint endpoint();

    /** Ends its processes and starts them again; returns when it answers. Images stay, containers may have ended. */
    void restart() throws IOException, InterruptedException;

    /** Resident memory in MiB of its processes now, by program; of each container's supervisor too. */
    Map<String, Double> memory() throws IOException;

    @Override
    void close() throws IOException, InterruptedException;
}
