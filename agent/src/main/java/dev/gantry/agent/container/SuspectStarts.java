package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Starts during which the agent died. One of them may be why, and would end every agent that repeats it: so they are
 * repeated one by one, that others do not fall with it, after a while, and not without end.
 */
@ApplicationScoped
class SuspectStarts {
    private static final Logger LOG = Logger.getLogger(SuspectStarts.class);

    /** The agent may have died of something else once, or twice. */
    static final int MOST = 3;

    private static final Duration WAIT = Duration.ofSeconds(5);

    private final ReentrantLock alone = new ReentrantLock();
    private final Duration wait;

    SuspectStarts() {
        this(WAIT);
    }

    /** @param wait before the second repetition */
    SuspectStarts(Duration wait) {
        this.wait = wait;
    }

    /**
     * Runs a start; the container's lock is held.
     *
     * @throws AgentFailure when it is given up; the next attempt, which somebody asks for knowingly, is the last again
     */
    <T> T run(AgentContainer container, Supplier<T> start) {
        int before = container.startsBegun();
        if (before == 0) {
            return attempt(container, start);
        }
        if (isGivenUp(container)) {
            container.endStart(MOST - 1);
            LOG.warnf("Container %s is not started: the agent died %d times of it", container.id(), before);
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL,
                    "the host's agent died " + before + " times while it started this container");
        }
        alone.lock();
        try {
            pause(wait.multipliedBy(before - 1));
            return attempt(container, start);
        } finally {
            alone.unlock();
        }
    }

    boolean isGivenUp(AgentContainer container) {
        return container.startsBegun() >= MOST;
    }

    private static <T> T attempt(AgentContainer container, Supplier<T> start) {
        container.beginStart();
        T result = start.get();
        container.endStart(0);
        return result;
    }

    private static void pause(Duration wait) {
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
