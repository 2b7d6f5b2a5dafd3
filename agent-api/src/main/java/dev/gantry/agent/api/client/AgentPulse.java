package dev.gantry.agent.api.client;

import dev.gantry.agent.api.AgentFailure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tells whoever waits for an agent that it is gone: a connection to a machine without power, or to a process that is
 * stopped, stays open for ever. While somebody waits, the agent is asked every second whether it is alive; any answer is
 * one. Waits that are over before a look cost no request.
 *
 * <p>Patience is counted in looks, not by the clock: a stall of our own process must not be taken for one of the agent.
 */
public final class AgentPulse {
    private static final long LOOK_MILLIS = 1_000;

    private final Context context;
    private final Function<String, Future<?>> question;

    /** Guarded by this, as all that is in it. */
    private final Map<String, Agent> agents = new HashMap<>();

    /** @param question asks the agent at an address, within seconds; succeeds when there is any answer */
    AgentPulse(Vertx vertx, Function<String, Future<?>> question) {
        this.context = vertx.getOrCreateContext();
        this.question = question;
    }

    /** A wait that must be closed when it is over. */
    public final class Watch implements AutoCloseable {
        private final String address;
        private final int patience;
        private final Consumer<AgentFailure> lost;

        private Watch(String address, int patience, Consumer<AgentFailure> lost) {
            this.address = address;
            this.patience = patience;
            this.lost = lost;
        }

        @Override
        public void close() {
            forget(this);
        }
    }

    /**
     * @param patience how long the agent may not answer, in whole seconds
     * @param lost told at most once, on a thread of Vert.x
     */
    public Watch watch(String address, Duration patience, Consumer<AgentFailure> lost) {
        Watch watch = new Watch(address, (int) patience.toSeconds(), lost);
        synchronized (this) {
            agents.computeIfAbsent(address, this::begin).waiting.add(watch);
        }
        return watch;
    }

    private static final class Agent {
        private final Set<Watch> waiting = new HashSet<>();
        private int unanswered;
        private boolean asked;
    }

    private Agent begin(String address) {
        Agent agent = new Agent();
        context.runOnContext(ignored -> schedule(address, agent));
        return agent;
    }

    private void schedule(String address, Agent agent) {
        context.owner().setTimer(LOOK_MILLIS, id -> look(address, agent));
    }

    private void look(String address, Agent agent) {
        List<Watch> over = over(address, agent);
        over.forEach(watch -> watch.lost.accept(silent(address, watch.patience)));
        if (askNow(agent)) {
            question.apply(address).onComplete(answer -> answered(agent, answer.succeeded()));
        }
    }

    /** Those whose patience is over. Without any left the agent is not looked at any more. */
    private synchronized List<Watch> over(String address, Agent agent) {
        agent.unanswered++;
        List<Watch> over = new ArrayList<>(agent.waiting);
        over.removeIf(watch -> agent.unanswered <= watch.patience);
        over.forEach(agent.waiting::remove);
        if (agent.waiting.isEmpty()) {
            agents.remove(address);
        } else {
            schedule(address, agent);
        }
        return over;
    }

    private synchronized boolean askNow(Agent agent) {
        boolean now = !agent.asked && !agent.waiting.isEmpty();
        agent.asked |= now;
        return now;
    }

    private synchronized void answered(Agent agent, boolean alive) {
        agent.asked = false;
        agent.unanswered = alive ? 0 : agent.unanswered;
    }

    private synchronized void forget(Watch watch) {
        Agent agent = agents.get(watch.address);
        if (agent != null) {
            agent.waiting.remove(watch);
        }
    }

    private static AgentFailure silent(String address, int seconds) {
        return new AgentFailure(
                AgentFailure.Code.UNREACHABLE,
                "the host's agent has not answered for " + seconds + " s",
                new IOException(address));
    }
}
