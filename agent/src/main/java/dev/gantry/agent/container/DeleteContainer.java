package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Stop;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.log.Logs;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Attachments;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/**
 * Removes a container with all that it has on this host: what a run left, then the specification, from when on it does not
 * exist and an agent that starts again finishes the removal, then its files.
 */
@ApplicationScoped
public class DeleteContainer {
    private final Containers containers;
    private final StopContainer stop;
    private final Restarts restarts;
    private final ReleaseContainer release;
    private final Snapshots snapshots;
    private final Attachments attachments;
    private final Logs logs;

    DeleteContainer(
            Containers containers,
            StopContainer stop,
            Restarts restarts,
            ReleaseContainer release,
            Snapshots snapshots,
            Attachments attachments,
            Logs logs) {
        this.containers = containers;
        this.stop = stop;
        this.restarts = restarts;
        this.release = release;
        this.snapshots = snapshots;
        this.attachments = attachments;
        this.logs = logs;
    }

    /** Kills it if it runs, and deletes it; nothing happens when there is none. */
    public void deleteIfPresent(String id) {
        containers.find(id).ifPresent(container -> delete(container, true));
    }

    /** @param force kills it when it runs; otherwise that is a {@code CONFLICT} */
    void delete(AgentContainer container, boolean force) {
        if (force) {
            stop.stop(container, new Stop("KILL", 0, true));
        }
        container.exclusively(() -> {
            if (container.state() instanceof Running) {
                throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + container.id() + " is running");
            }
            remove(container);
            return null;
        });
    }

    /** The lock is held, or nobody else knows the container. */
    void remove(AgentContainer container) {
        if (Files.exists(container.files().run())) {
            release.release(container);
        }
        logs.removing(container.id());
        try {
            Files.deleteIfExists(container.files().spec());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        container.markRemoved();
        containers.remove(container);
        restarts.forget(container.id());
        attachments.removed(container.id());
        removeFiles(container.files());
    }

    /** What is left when the specification is gone. */
    void removeFiles(ContainerFiles files) {
        snapshots.remove(files.id());
        Disk.deleteTree(files.data());
    }
}
