package dev.gantry.agent.log;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.agent.api.query.GoDuration;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Logs of containers that are gone, each with its specification in a directory named by the id, for as long and as many bytes
 * as the settings say. A directory's time is that of the removal.
 */
@ApplicationScoped
public class KeptLogs {
    private static final Logger LOG = Logger.getLogger(KeptLogs.class);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final Duration SWEEP_LEAST = Duration.ofSeconds(1);

    private final Path root;
    private final Duration keep;
    private final long most;
    private volatile Thread sweeper;

    public KeptLogs(
            AgentFiles files,
            @ConfigProperty(name = "gantry.logs.keep") String keep,
            @ConfigProperty(name = "gantry.logs.keep-size") long most) {
        this.root = files.keptLogs();
        this.keep = GoDuration.parse(keep);
        this.most = most;
    }

    /** Call once: what was kept longer than it is to be now goes, from now on. */
    void start() {
        Duration pause = keep.compareTo(SWEEP) < 0 ? keep : SWEEP;
        Duration interval = pause.compareTo(SWEEP_LEAST) < 0 ? SWEEP_LEAST : pause;
        sweeper = Thread.ofVirtual().name("kept-logs").start(() -> {
            try {
                do {
                    sweep();
                    Thread.sleep(interval);
                } while (!keep.isZero());
            } catch (InterruptedException e) {
                LOG.debug("kept logs are no longer swept");
            }
        });
    }

    void stop(@Observes ShutdownEvent event) {
        if (sweeper != null) {
            sweeper.interrupt();
        }
    }

    Path spec(String id) {
        return root.resolve(id).resolve("spec.json");
    }

    Path log(String id) {
        return root.resolve(id).resolve("ctr.log");
    }

    /** Moves the log of a container that goes. */
    void add(ContainerFiles container) throws IOException {
        LogFiles log = new LogFiles(container.log());
        List<Path> all = log.all();
        if (keep.isZero() || all.isEmpty()) {
            return;
        }
        Path kept = root.resolve(container.id());
        OwnerOnly.directory(kept);
        Disk.replace(spec(container.id()), Files.readAllBytes(container.spec()));
        for (Path file : all) {
            Files.move(file, kept.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        sweep();
    }

    /** In bytes; -1 when there is none. */
    public long size(String id) {
        Path kept = root.resolve(id);
        return Files.exists(kept) ? size(kept) : -1;
    }

    private static long size(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private record Entry(Path directory, Instant since) {}

    private synchronized void sweep() {
        try (Stream<Path> directories = Files.list(root)) {
            long left = most;
            List<Entry> newestFirst = directories
                    .map(directory -> new Entry(
                            directory, Instant.ofEpochMilli(directory.toFile().lastModified())))
                    .sorted(Comparator.comparing(Entry::since).reversed())
                    .toList();
            for (Entry entry : newestFirst) {
                long size = size(entry.directory());
                if (entry.since().plus(keep).isBefore(Instant.now()) || size > left) {
                    Disk.deleteTree(entry.directory());
                } else {
                    left -= size;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("kept logs cannot be swept", e);
        }
    }
}
