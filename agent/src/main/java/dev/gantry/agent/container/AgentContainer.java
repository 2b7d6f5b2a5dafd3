package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.health.Health;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One container of this host: its specification, and its state in memory and on disk. Whoever changes either holds
 * the lock; whoever only looks does not. The lock is never held while waiting for the container to end.
 */
final class AgentContainer {
    private final ContainerFiles files;
    private final ObjectMapper json;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile ContainerSpec spec;
    private volatile Kept kept;
    private volatile CompletableFuture<Exited> ended = new CompletableFuture<>();
    private volatile boolean removed;

    /**
     * What is kept in {@code state.json}.
     *
     * @param stoppedByCommand since the last start: the restart policy does not apply
     * @param startsBegun one after the other, of which the agent saw no end
     * @param health null when none is checked, and before the first start
     */
    record Kept(ContainerState state, boolean stoppedByCommand, int startsBegun, Health health) {}

    AgentContainer(ContainerSpec spec, ContainerFiles files, ObjectMapper json) {
        this.spec = spec;
        this.files = files;
        this.json = json;
        this.kept = new Kept(new ContainerState.Created(), false, 0, null);
    }

    /** Reads what an earlier run of the agent kept. */
    static AgentContainer load(ContainerFiles files, ObjectMapper json) throws IOException {
        ContainerSpec spec = json.readValue(Files.readAllBytes(files.spec()), ContainerSpec.class);
        AgentContainer container = new AgentContainer(spec, files, json);
        if (Files.exists(files.state())) {
            container.kept = json.readValue(Files.readAllBytes(files.state()), Kept.class);
        }
        return container;
    }

    String id() {
        return spec.id();
    }

    ContainerSpec spec() {
        return spec;
    }

    /** From now on it is this one, after the next start of the agent, too; the lock is held. */
    void respecify(ContainerSpec changed) throws IOException {
        Disk.replace(files.spec(), json.writeValueAsBytes(changed));
        spec = changed;
    }

    ContainerFiles files() {
        return files;
    }

    ContainerState state() {
        return kept.state();
    }

    boolean stoppedByCommand() {
        return kept.stoppedByCommand();
    }

    /** Completed when the present run ends; already complete when none is under way. */
    CompletableFuture<Exited> ended() {
        return ended;
    }

    /** The running state; {@code CONFLICT} when it does not run. */
    Running running() {
        if (state() instanceof Running running) {
            return running;
        }
        throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + id() + " is not running");
    }

    /** Runs {@code work} alone on this container; {@code NOT_FOUND} when it was removed meanwhile. */
    <T> T exclusively(Supplier<T> work) {
        lock.lock();
        try {
            if (removed) {
                throw new AgentFailure(AgentFailure.Code.NOT_FOUND, "No such container: " + id());
            }
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** From now on every waiting and later operation finds no such container. The lock is held. */
    void markRemoved() {
        removed = true;
        ended.complete(new Exited(137, false, null, Instant.now(), 0, false, ""));
    }

    boolean isRemoved() {
        return removed;
    }

    /** A new run begins; the lock is held. */
    void beginRun() {
        ended = new CompletableFuture<>();
    }

    /** How often an agent died while it started this container, since it was last started or refused. */
    int startsBegun() {
        return kept.startsBegun();
    }

    /** Noted before anything else of a start, so that an agent which dies of it finds that it did. */
    void beginStart() {
        keep(new Kept(kept.state(), kept.stoppedByCommand(), kept.startsBegun() + 1, kept.health()));
    }

    /** A start has come to an end that this agent has seen, whether good or bad. */
    void endStart(int startsBegun) {
        if (kept.startsBegun() != startsBegun) {
            keep(new Kept(kept.state(), kept.stoppedByCommand(), startsBegun, kept.health()));
        }
    }

    void become(ContainerState next) {
        keep(new Kept(next, kept.stoppedByCommand(), next instanceof Running ? 0 : kept.startsBegun(), healthIn(next)));
    }

    /** As the services have it: what a start, a pause and an end make of it is not reported besides. */
    private Health healthIn(ContainerState next) {
        if (spec.health() == null) {
            return null;
        }
        if (next instanceof Running running && !(state() instanceof Running)) {
            return running.paused() ? Health.STARTING.unchecked() : Health.STARTING;
        }
        boolean unchecked = next instanceof Exited || next instanceof Running running && running.paused();
        return unchecked && health() != null ? health().unchecked() : health();
    }

    /** Null when none is checked, and before the first start. */
    Health health() {
        return kept.health();
    }

    /** What a check has found; the lock is held. */
    void health(Health next) {
        if (!next.equals(kept.health())) {
            keep(new Kept(kept.state(), kept.stoppedByCommand(), kept.startsBegun(), next));
        }
    }

    void markStopped(boolean byCommand) {
        if (kept.stoppedByCommand() != byCommand) {
            keep(new Kept(kept.state(), byCommand, kept.startsBegun(), kept.health()));
        }
    }

    private void keep(Kept next) {
        try {
            Disk.replace(files.state(), json.writeValueAsBytes(next));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kept = next;
    }
}
