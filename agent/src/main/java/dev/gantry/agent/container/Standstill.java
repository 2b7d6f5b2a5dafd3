package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.container.ContainerState.Running;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Freezes a container while its files are read, as {@code docker commit} does. A file tells of it before: an agent that dies
 * meanwhile has a successor that thaws what it finds frozen.
 */
@ApplicationScoped
public class Standstill {
    private static final Logger LOG = Logger.getLogger(Standstill.class);

    private final Containers containers;
    private final PauseContainer pause;
    private final Map<String, Integer> holds = new ConcurrentHashMap<>();

    Standstill(Containers containers, PauseContainer pause) {
        this.containers = containers;
        this.pause = pause;
    }

    /** A container that stands still until this is closed. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Nothing is done to one that does not run, or is paused by wish: it stands still already. Of several at once the last
     * one to be closed thaws it.
     */
    public Hold of(String id) {
        AgentContainer container = containers.get(id);
        return container.exclusively(() -> {
            boolean held = holds.containsKey(id);
            if (!held && !(container.state() instanceof Running running && !running.paused())) {
                return () -> {};
            }
            if (!held) {
                freeze(container);
            }
            holds.merge(id, 1, Integer::sum);
            return () -> release(container, id);
        });
    }

    private void freeze(AgentContainer container) {
        try {
            Files.createFile(container.files().frozen());
            pause.pause(container);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            delete(container);
            throw e;
        }
    }

    private void release(AgentContainer container, String id) {
        try {
            container.exclusively(() -> {
                if (holds.merge(id, -1, (count, one) -> count == 1 ? null : count + one) == null) {
                    thaw(container);
                }
                return null;
            });
        } catch (AgentFailure removed) {
            holds.remove(id);
        }
    }

    /** At the agent's start. */
    void adopt(AgentContainer container) {
        if (Files.exists(container.files().frozen())) {
            thaw(container);
        }
    }

    private void thaw(AgentContainer container) {
        try {
            pause.unpause(container);
        } catch (AgentFailure e) {
            // It has ended, or somebody thawed it before.
            LOG.debugf("not thawed: %s", e.getMessage());
        } finally {
            delete(container);
        }
    }

    private static void delete(AgentContainer container) {
        try {
            Files.deleteIfExists(container.files().frozen());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
