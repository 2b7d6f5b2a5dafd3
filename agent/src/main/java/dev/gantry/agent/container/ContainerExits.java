package dev.gantry.agent.container;

import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.report.ReportJournal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Learns of ended containers from the files that conmon leaves: reports the exit, gives back what the run held, and has
 * the restart policy decide. A container whose conmon was killed is ended: nobody reads its output, nor learns its exit
 * code.
 */
@ApplicationScoped
class ContainerExits {
    private static final Logger LOG = Logger.getLogger(ContainerExits.class);

    private static final long CHECK_MILLIS = 3_000;

    /** As of a killed process. */
    static final int UNSUPERVISED_EXIT = 137;

    private final AgentFiles files;
    private final Containers containers;
    private final ReleaseContainer release;
    private final Restarts restarts;
    private final ReportJournal reports;
    private final HealthChecks health;
    private WatchService watch;

    ContainerExits(
            AgentFiles files,
            Containers containers,
            ReleaseContainer release,
            Restarts restarts,
            ReportJournal reports,
            HealthChecks health) {
        this.files = files;
        this.containers = containers;
        this.release = release;
        this.restarts = restarts;
        this.reports = reports;
        this.health = health;
    }

    /** Begins to watch, and handles what ended before, which is done when the result is complete. */
    CompletableFuture<Void> start() throws IOException {
        watch = files.exits().getFileSystem().newWatchService();
        files.exits().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Thread.ofPlatform().daemon().name("exits").start(this::run);
        return scan();
    }

    @PreDestroy
    void stop() throws IOException {
        if (watch != null) {
            watch.close();
        }
    }

    private void run() {
        long checked = System.nanoTime();
        try {
            while (true) {
                WatchKey key = watch.poll(CHECK_MILLIS, TimeUnit.MILLISECONDS);
                if (System.nanoTime() - checked > TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS)) {
                    checked = System.nanoTime();
                    containers.all().stream()
                            .filter(ContainerExits::isUnsupervised)
                            .forEach(container -> inBackground(container, () -> endUnsupervised(container)));
                }
                if (key == null) {
                    continue;
                }
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
                        scan();
                    } else {
                        seen(event.context().toString());
                    }
                }
                key.reset();
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("exits are no longer watched");
        }
    }

    private CompletableFuture<Void> scan() {
        try (Stream<Path> entries = Files.list(files.exits())) {
            return CompletableFuture.allOf(
                    entries.map(entry -> seen(entry.getFileName().toString())).toArray(CompletableFuture[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** conmon writes to a file with a longer name first, which is none of ours. */
    private CompletableFuture<Void> seen(String name) {
        return containers
                .find(name)
                .map(container -> inBackground(container, () -> fromFile(container)))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    private static CompletableFuture<Void> inBackground(AgentContainer container, Runnable step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().name("exit-" + container.id().substring(0, 12)).start(() -> {
            try {
                container.exclusively(() -> {
                    step.run();
                    return null;
                });
            } catch (RuntimeException e) {
                // Removed meanwhile: its end was reported then.
                if (!container.isRemoved()) {
                    LOG.errorf(e, "exit of container %s", container.id());
                }
            } finally {
                done.complete(null);
            }
        });
        return done;
    }

    private static boolean isUnsupervised(AgentContainer container) {
        return container.state() instanceof Running running
                && !running.processes().conmonRuns();
    }

    /** conmon writes its file before it ends. */
    private void endUnsupervised(AgentContainer container) {
        fromFile(container);
        if (isUnsupervised(container)) {
            LOG.warnf("container %s has lost its supervisor, ending it", container.id());
            ended(container, (Running) container.state(), UNSUPERVISED_EXIT, Instant.now());
        }
    }

    private void fromFile(AgentContainer container) {
        Path file = files.exits().resolve(container.id());
        try {
            if (container.state() instanceof Running running && Files.exists(file)) {
                int code = Integer.parseInt(Files.readString(file).strip());
                ended(container, running, code, Disk.writtenAt(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The run has ended; the lock is held. The report goes out before the cleaning up, which clients need not await. */
    void ended(AgentContainer container, Running running, int exitCode, Instant at) {
        boolean oomKilled = Files.exists(container.files().oom());
        boolean restarting = RestartPolicy.appliesTo(
                container.spec().restart(), exitCode, running.restartCount(), container.stoppedByCommand());
        Exited exited = running.exited(exitCode, oomKilled, at, restarting);
        // Reported before it is noted: an agent that is killed in between reports it once more, not never.
        if (oomKilled) {
            reports.append(sequence -> new Report.ContainerOom(sequence, container.id(), at));
        }
        report(container, exited);
        container.become(exited);
        health.follow(container);
        container.ended().complete(exited);
        release.afterExit(container);
        if (restarting) {
            restarts.schedule(container, Duration.between(running.startedAt(), at));
        }
    }

    void report(AgentContainer container, Exited exited) {
        reports.append(sequence -> new Report.ContainerExited(
                sequence,
                container.id(),
                exited.at(),
                exited.exitCode(),
                exited.oomKilled(),
                exited.restarting(),
                exited.error()));
    }
}
