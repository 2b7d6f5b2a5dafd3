package dev.gantry.bench;

import java.io.IOException;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Something with a Docker endpoint that can be started anew: ours, or a real dockerd. */
interface Engine extends AutoCloseable {
    Endpoint endpoint();

    /** Ends its processes and starts them again; returns when it answers. Images stay, containers may have ended. */
    void restart() throws IOException, InterruptedException;

    /** Sums of a figure of its processes now, by program; of each container's supervisor too. */
    Map<String, Double> processes(ToDoubleFunction<Long> figure) throws IOException;

    @Override
    void close() throws IOException, InterruptedException;
}
