package dev.gantry.agent.report;

import dev.gantry.agent.api.Report;
import dev.gantry.agent.host.HostIdentity;
import io.vertx.core.http.HttpMethod;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Sends reports in order, one batch at a time, again and again until the services have them. */
@ApplicationScoped
public class ReportSender {
    private static final Logger LOG = Logger.getLogger(ReportSender.class);
    private static final int BATCH = 500;
    private static final long LONGEST_WAIT_MILLIS = 5_000;

    /**
     * How long a report of a start waits for company. Who asked for the start has it as an answer already, and many a
     * program ends at once: then one transaction applies both.
     */
    private static final long START_WAIT_MILLIS = 25;

    private final ReportJournal journal;
    private final ControlPlane control;
    private final HostIdentity host;
    private final Semaphore work = new Semaphore(0);
    private Thread sender;

    public ReportSender(ReportJournal journal, ControlPlane control, HostIdentity host) {
        this.journal = journal;
        this.control = control;
        this.host = host;
    }

    /** Begins to send; call once, when the containers were adopted. */
    public void start() {
        journal.onAppend(work::release);
        sender = Thread.ofVirtual().name("reports").start(this::run);
    }

    @PreDestroy
    void stop() {
        if (sender != null) {
            sender.interrupt();
        }
    }

    private void run() {
        long wait = 0;
        try {
            while (true) {
                work.drainPermits();
                List<Report> batch = journal.pending(BATCH);
                if (batch.isEmpty()) {
                    work.acquire();
                } else if (onlyStarts(batch) && work.tryAcquire(START_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                    wait = sent(journal.pending(BATCH)) ? 0 : pause(wait);
                } else {
                    wait = sent(batch) ? 0 : pause(wait);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more reports are sent");
        }
    }

    private static boolean onlyStarts(List<Report> batch) {
        return batch.stream()
                .allMatch(report -> report instanceof Report.ContainerStarted || report instanceof Report.ExecStarted);
    }

    /** @return the next wait, longer than the last */
    private static long pause(long lastMillis) throws InterruptedException {
        long wait = Math.min(LONGEST_WAIT_MILLIS, Math.max(100, lastMillis * 2));
        TimeUnit.MILLISECONDS.sleep(wait);
        return wait;
    }

    private boolean sent(List<Report> batch) {
        try {
            Report.Batch body = new Report.Batch(host.id(), journal.epoch(), batch);
            String path = "/hosts/" + host.id() + "/reports";
            int status = control.send(ControlPlane.Service.CONTAINER, HttpMethod.POST, path, body)
                    .status();
            if (status / 100 != 2) {
                LOG.debugf("reports were answered with status %d", status);
                return false;
            }
            journal.acknowledge(batch.getLast().sequence());
            return true;
        } catch (IOException e) {
            LOG.debugf("reports wait: %s", e.getMessage());
            return false;
        }
    }
}
