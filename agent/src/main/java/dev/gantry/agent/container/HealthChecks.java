package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.health.Health;
import dev.gantry.agent.health.Probe;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.report.ReportJournal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Checks the containers that have a health check for as long as they run and are not paused, one check of each at a time,
 * and reports what comes of it.
 */
@ApplicationScoped
class HealthChecks {
    private static final Logger LOG = Logger.getLogger(HealthChecks.class);
    private static final int ID_BYTES = 32;

    private final Probe probe;
    private final HostNetwork network;
    private final ReportJournal reports;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Monitor> monitors = new ConcurrentHashMap<>();

    HealthChecks(Probe probe, HostNetwork network, ReportJournal reports) {
        this.probe = probe;
        this.network = network;
        this.reports = reports;
    }

    /** To be told of whatever a container has become; its lock is held. Does not wait for a check that is under way. */
    void follow(AgentContainer container) {
        boolean wanted =
                container.spec().health() != null && container.state() instanceof Running running && !running.paused();
        Monitor before = monitors.get(container.id());
        if (!wanted && before != null) {
            before.stop();
        }
        if (wanted && (before == null || before.isStopped())) {
            Monitor monitor = new Monitor(container, (Running) container.state(), before);
            monitors.put(container.id(), monitor);
            Thread.ofVirtual().name("health-" + container.id().substring(0, 12)).start(monitor::run);
        }
    }

    @PreDestroy
    void stop() {
        monitors.values().forEach(Monitor::stop);
    }

    /** Of one run of a container, or what of it is between two pauses. */
    private final class Monitor {
        private final AgentContainer container;
        private final Running run;
        private final HealthSpec spec;
        private final Monitor before;
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);

        /** @param before one that was stopped and may still end a check; null for none */
        Monitor(AgentContainer container, Running run, Monitor before) {
            this.container = container;
            this.run = run;
            this.spec = container.spec().health();
            this.before = before;
        }

        /** A thread that is interrupted would close the files it writes to, the journal's among them. */
        void stop() {
            stopped.countDown();
        }

        private boolean isStopped() {
            return stopped.getCount() == 0;
        }

        void run() {
            try {
                if (before != null) {
                    before.ended.await();
                }
                probe.endLeftOver(container.spec());
                while (!stopped.await(nextPause().toNanos(), TimeUnit.NANOSECONDS)) {
                    check();
                }
            } catch (AgentFailure e) {
                LOG.debugf("container %s is checked no more: %s", container.id(), e.getMessage());
            } catch (IOException | RuntimeException e) {
                LOG.errorf(e, "container %s is checked no more", container.id());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended.countDown();
                monitors.remove(container.id(), this);
            }
        }

        private Duration nextPause() {
            return container.health().pause(Duration.between(run.startedAt(), Instant.now()), spec);
        }

        private void check() {
            byte[] id = new byte[ID_BYTES];
            random.nextBytes(id);
            String execId = HexFormat.of().formatHex(id);
            Instant start = Instant.now();
            boolean told = container.exclusively(() -> begin(execId, start));
            Probe.Outcome outcome = probe.run(
                    container.spec(),
                    network.planOf(container.id()),
                    run.processes().pid(),
                    this::isStopped);
            Instant end = Instant.now();
            container.exclusively(() -> {
                settle(execId, outcome, start, end, told);
                return null;
            });
        }

        /** @return whether the services are told: not while they are away for long, or the journal would grow and grow */
        private boolean begin(String execId, Instant at) {
            boolean told =
                    !isStopped() && !reports.isBehind() && !spec.command().isEmpty();
            if (told) {
                reports.append(
                        sequence -> new Report.ProbeStarted(sequence, container.id(), execId, at, spec.command()));
            }
            return told;
        }

        private void settle(String execId, Probe.Outcome outcome, Instant start, Instant end, boolean begun) {
            Health next = isStopped()
                    ? null
                    : container.health().after(outcome.exitCode() == 0, Duration.between(run.startedAt(), start), spec);
            // The next check after such a time tells of the health there is then.
            if (begun || next != null && !reports.isBehind()) {
                Report.Health health = next == null ? null : report(next, outcome, start, end);
                reports.append(sequence -> new Report.ProbeEnded(
                        sequence, container.id(), execId, end, begun ? outcome.programExit() : null, health));
            }
            if (next != null) {
                container.health(next);
            }
        }

        private static Report.Health report(Health health, Probe.Outcome outcome, Instant start, Instant end) {
            return new Report.Health(
                    health.status().word(), health.failingStreak(), start, end, outcome.exitCode(), outcome.output());
        }
    }
}
