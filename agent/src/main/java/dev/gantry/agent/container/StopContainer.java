package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Stop;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.api.SignalNames;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Processes;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.report.AskedBy;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.runtime.Runtimes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends a container's processes: the stop signal, then after a while SIGKILL. Nothing is undone on a failure; the
 * container runs on, or ends later and is reported then.
 */
@ApplicationScoped
class StopContainer {
    /** After SIGKILL. A process that the kernel does not let go (a dead disk) is reported when it ends. */
    private static final int KILL_TIMEOUT_SECONDS = 30;

    private final Runtimes runtimes;
    private final ContainerExits exits;
    private final Restarts restarts;
    private final ReportJournal reports;
    private final HealthChecks health;

    StopContainer(
            Runtimes runtimes, ContainerExits exits, Restarts restarts, ReportJournal reports, HealthChecks health) {
        this.runtimes = runtimes;
        this.exits = exits;
        this.restarts = restarts;
        this.reports = reports;
        this.health = health;
    }

    /** Returns once it has ended; at once when it does not run. */
    void stop(AgentContainer container, Stop stop) {
        CompletableFuture<Exited> ended = prepare(container, stop.byCommand());
        if (ended == null) {
            return;
        }
        String signal = stop.signal() == null || stop.signal().isEmpty()
                ? container.spec().stopSignal()
                : stop.signal();
        int first = signal(signal == null || signal.isEmpty() ? "TERM" : signal);
        send(container, first);
        resumeIfPaused(container);
        if (!ends(ended, stop.timeoutSeconds())) {
            if (first != Signals.SIGKILL) {
                Instant at = Instant.now();
                reports.append(sequence -> new Report.ContainerKilled(sequence, container.id(), at, AskedBy.current()));
            }
            send(container, Signals.SIGKILL);
            if (!ends(ended, KILL_TIMEOUT_SECONDS)) {
                throw new AgentFailure(
                        AgentFailure.Code.INTERNAL,
                        "tried to kill container " + container.id() + ", but did not receive an exit event");
            }
        }
    }

    /**
     * {@code docker kill}. SIGKILL, the container's stop signal, and any signal if it names none, also keep the restart
     * policy from starting it again, as with dockerd (moby, {@code killWithSignal}). One that waits for its next start
     * gets no signal.
     */
    void kill(AgentContainer container, String signalName) {
        int signal = signal(signalName);
        String stopSignal = container.spec().stopSignal();
        boolean ends =
                signal == Signals.SIGKILL || stopSignal == null || stopSignal.isEmpty() || signal == signal(stopSignal);
        boolean waits = container.exclusively(() -> {
            boolean restarting = container.state() instanceof Exited exited && exited.restarting();
            if (!restarting) {
                container.running();
            }
            if (ends) {
                container.markStopped(true);
            }
            if (ends && restarting) {
                rest(container);
            }
            return restarting;
        });
        if (waits) {
            return;
        }
        if (!send(container, signal)) {
            throw new AgentFailure(AgentFailure.Code.CONFLICT, "container " + container.id() + " is not running");
        }
        if (ends) {
            resumeIfPaused(container);
        }
    }

    /** @return null when nothing runs */
    private CompletableFuture<Exited> prepare(AgentContainer container, boolean byCommand) {
        return container.exclusively(() -> {
            if (byCommand) {
                container.markStopped(true);
                restarts.forget(container.id());
            }
            if (container.state() instanceof Running) {
                return container.ended();
            }
            rest(container);
            return null;
        });
    }

    /** Has no next start any more, if it waited for one. */
    private void rest(AgentContainer container) {
        if (container.state() instanceof Exited exited && exited.restarting()) {
            Exited resting = exited.resting();
            container.become(resting);
            exits.report(container, resting);
        }
    }

    private boolean send(AgentContainer container, int signal) {
        if (!(container.state() instanceof Running running)) {
            return false;
        }
        Processes processes = running.processes();
        try {
            return Signals.send(processes.pid(), processes.pidStart(), signal);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A frozen process does not even notice SIGKILL on version 1 cgroups. */
    private void resumeIfPaused(AgentContainer container) {
        container.exclusively(() -> {
            if (container.state() instanceof Running running && running.paused()) {
                try {
                    runtimes.of(container.spec()).resume(container.id());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                container.become(running.pause(false));
                health.follow(container);
                Instant at = Instant.now();
                reports.append(
                        sequence -> new Report.ContainerUnpaused(sequence, container.id(), at, AskedBy.current()));
            }
            return null;
        });
    }

    /** @param seconds -1 waits for ever */
    private static boolean ends(CompletableFuture<Exited> ended, int seconds) {
        try {
            if (seconds < 0) {
                ended.get();
            } else {
                ended.get(seconds, TimeUnit.SECONDS);
            }
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "the agent is stopping", e);
        }
    }

    private static int signal(String name) {
        int number = SignalNames.number(name).orElse(0);
        if (number < 1 || number > SignalNames.LAST) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid signal: " + name);
        }
        return number;
    }
}
