package dev.gantry.agent.registration;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Holdings;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.container.DeleteContainer;
import dev.gantry.agent.report.ControlPlane;
import dev.gantry.agent.report.ControlPlane.Service;
import io.vertx.core.http.HttpMethod;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Tells cluster-service every ten seconds that this host is there, and container-service what it holds; until the first
 * answers, more often. The latter names containers that no longer exist: those are deleted here, too.
 */
@ApplicationScoped
public class Registration {
    private static final Logger LOG = Logger.getLogger(Registration.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(250);

    private final HostDescriptions descriptions;
    private final Containers containers;
    private final ControlPlane control;
    private final DeleteContainer delete;
    private final ObjectMapper json;
    private Thread thread;
    private String refusal = "";
    private volatile boolean reached;

    public Registration(
            HostDescriptions descriptions,
            Containers containers,
            ControlPlane control,
            DeleteContainer delete,
            ObjectMapper json) {
        this.descriptions = descriptions;
        this.containers = containers;
        this.control = control;
        this.delete = delete;
        this.json = json;
    }

    /** Call once, when the containers were adopted. */
    public void start() {
        thread = Thread.ofVirtual().name("registration").start(this::run);
    }

    /** Whether the last registration was answered, by both. */
    public boolean reached() {
        return reached;
    }

    @PreDestroy
    void stop() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                boolean now = register();
                if (now != reached) {
                    LOG.info(now ? "the services know this host" : "the services do not answer");
                }
                reached = now;
                Thread.sleep(now ? INTERVAL : RETRY);
            }
        } catch (InterruptedException e) {
            LOG.debug("no longer registering");
        }
    }

    private boolean register() {
        try {
            HostDescription host = descriptions.describe();
            ControlPlane.Answer registered = control.send(Service.CLUSTER, HttpMethod.PUT, "/hosts/" + host.id(), host);
            return accepted(registered) && compare(host.id());
        } catch (IOException | RuntimeException e) {
            LOG.debugf("registration: %s", e.getMessage());
            return false;
        }
    }

    /** What is held is read before the comparison, so that nothing is deleted which is made meanwhile. */
    private boolean compare(String host) throws IOException {
        Holdings held = new Holdings(containers.ids(), !reached);
        ControlPlane.Answer compared =
                control.send(Service.CONTAINER, HttpMethod.PUT, "/hosts/" + host + "/containers", held);
        if (!accepted(compared)) {
            return false;
        }
        delete(json.readValue(compared.body(), Holdings.Compared.class).removed());
        return true;
    }

    private boolean accepted(ControlPlane.Answer answer) {
        boolean accepted = answer.status() / 100 == 2;
        if (!accepted) {
            refused(answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8).strip());
        }
        return accepted;
    }

    /** Said once for each reason: it is tried again four times a second. */
    private void refused(String reason) {
        if (!reason.equals(refusal)) {
            LOG.warnf("the registration was refused: %s", reason);
        }
        refusal = reason;
    }

    private void delete(List<String> removed) {
        for (String id : removed) {
            LOG.infof("container %s was removed while this host was not reachable", id);
            try {
                delete.deleteIfPresent(id);
            } catch (RuntimeException e) {
                LOG.warnf(e, "container %s could not be deleted; the next registration tries again", id);
            }
        }
    }
}
