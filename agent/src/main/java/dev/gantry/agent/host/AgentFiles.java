package dev.gantry.agent.host;

import dev.gantry.agent.api.file.OwnerOnly;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The agent's own directories, which nobody but root enters: what containers leave in their volumes may be set-user-id. */
@ApplicationScoped
public class AgentFiles {
    private final Path data;
    private final Path run;

    public AgentFiles(
            @ConfigProperty(name = "gantry.data-dir") Path dataDirectory,
            @ConfigProperty(name = "gantry.run-dir") Path runDirectory) {
        data = dataDirectory.toAbsolutePath().resolve("agent");
        run = runDirectory.toAbsolutePath().resolve("agent");
        for (Path directory :
                List.of(data, run, containers(), runs(), exits(), execs(), probes(), runtimeRoot(), keptLogs())) {
            makePrivate(directory);
        }
    }

    /** {@code <data>/agent}. */
    public Path data() {
        return data;
    }

    /** {@code <run>/agent}. */
    public Path run() {
        return run;
    }

    public ContainerFiles of(String id) {
        return new ContainerFiles(id, containers().resolve(id), runs().resolve(id.substring(0, 32)));
    }

    public Path containers() {
        return data.resolve("containers");
    }

    /** Logs of containers that are gone. */
    public Path keptLogs() {
        return data.resolve("logs");
    }

    public Path runs() {
        return run.resolve("c");
    }

    /** Here conmon leaves a file named by the container, holding its exit code, modified when it exited. */
    public Path exits() {
        return run.resolve("exits");
    }

    /** One directory for each exec. */
    public Path execs() {
        return run.resolve("x");
    }

    /** @param execId 64 hexadecimal digits */
    public ExecFiles exec(String execId) {
        return new ExecFiles(execs().resolve(execId.substring(0, 32)));
    }

    /** Files of health checks that are under way. */
    public Path probes() {
        return run.resolve("h");
    }

    public ProbeFiles probe(String containerId) {
        return new ProbeFiles(probes().resolve(containerId + ".json"), probes().resolve(containerId + ".pid"));
    }

    /** Who uses volumes that are mounted: a directory for each, with a file for each user. */
    public Path volumeUses() {
        return run.resolve("v");
    }

    /** The OCI runtime's own state. */
    public Path runtimeRoot() {
        return run.resolve("oci");
    }

    /** Network namespaces, each mounted on a file named by its container. */
    public Path namespaces() {
        return run.resolve("netns");
    }

    public Path namespaceOf(String containerId) {
        return namespaces().resolve(containerId);
    }

    /** Ids of the containers whose specification is on disk. */
    public List<String> containerIds() {
        try (Stream<Path> entries = Files.list(containers())) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f]{64}"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void makePrivate(Path directory) {
        try {
            OwnerOnly.directory(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
