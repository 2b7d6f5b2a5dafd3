package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A running instance of ours, started and stopped by the launcher. */
final class Gantry implements Engine {
    private final Path launcher;
    private final Path properties;
    private final Path run;

    /**
     * @param launcher the program {@code gantry}
     * @param properties the instance's settings
     * @param run its {@code gantry.run-dir}
     */
    Gantry(Path launcher, Path properties, Path run) {
        this.launcher = launcher;
        this.properties = properties;
        this.run = run;
    }

    @Override
    public Endpoint endpoint() {
        return new Endpoint("Gantry", run.resolve("docker.sock"));
    }

    @Override
    public void restart() throws IOException, InterruptedException {
        launch("down");
        launch("up");
    }

    private void launch(String command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(launcher.toString()));
        words.addAll(List.of("--config", properties.toString(), command));
        int status = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", words) + " exited " + status);
        }
    }

    @Override
    public Map<String, Double> processes(ToDoubleFunction<Long> figure) throws IOException {
        Map<String, Long> roots = new HashMap<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".pid")).toList()) {
                String part = file.getFileName().toString().replace(".pid", "");
                roots.put(part, Long.parseLong(Files.readString(file).strip()));
            }
        }
        return Processes.sums(roots, "conmon", run.toString(), figure);
    }

    /** Whoever started it stops it. */
    @Override
    public void close() {}
}
