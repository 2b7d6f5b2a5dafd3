package dev.gantry.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A loop for each core, so that whatever is timed has to share them. They end by themselves should nobody end them. */
final class BusyCores implements AutoCloseable {
    private static final String LIMIT_SECONDS = "600";

    private final List<Process> loops = new ArrayList<>();

    BusyCores() throws IOException {
        for (int core = 0; core < Runtime.getRuntime().availableProcessors(); core++) {
            loops.add(new ProcessBuilder("timeout", LIMIT_SECONDS, "sh", "-c", "while :; do :; done").start());
        }
    }

    int count() {
        return loops.size();
    }

    @Override
    public void close() {
        loops.forEach(Process::destroy);
    }
}
