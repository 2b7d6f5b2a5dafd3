package dev.gantry.agent.log;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.log.remote.LogTarget;
import dev.gantry.agent.log.remote.LogTargets;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The logs of this host that are sent away, each by a {@link LogShipper}. */
final class LogShipping {
    private static final Logger LOG = Logger.getLogger(LogShipping.class);

    private final AgentFiles files;
    /** Of starts under way. */
    private final Map<String, LogTarget> opened = new ConcurrentHashMap<>();

    private final Map<String, LogShipper> shippers = new ConcurrentHashMap<>();

    LogShipping(AgentFiles files) {
        this.files = files;
    }

    /** A start is about to be: reaches the target. @throws AgentFailure in dockerd's words, when it is away */
    void prepare(ContainerSpec container) {
        if (container.log().shipping() == null) {
            return;
        }
        try {
            close(opened.put(container.id(), LogTargets.open(container)));
        } catch (IOException e) {
            if (LogTargets.mayBeAway(container)) {
                LOG.warnf("the target of container %s's log is away: %s", container.id(), e.getMessage());
                return;
            }
            throw new AgentFailure(
                    code(String.valueOf(e.getMessage())),
                    "failed to create task for container: failed to initialize logging driver: " + e.getMessage(),
                    e);
        }
    }

    /** dockerd takes these words for those of a program that is not there. */
    private static AgentFailure.Code code(String message) {
        return message.contains("no such file or directory")
                ? AgentFailure.Code.COMMAND_NOT_FOUND
                : AgentFailure.Code.INTERNAL;
    }

    /** @param end completes when nothing more will be written */
    void begin(ContainerSpec container, CompletableFuture<Void> end) {
        if (container.log().shipping() == null) {
            return;
        }
        LogTarget target = opened.remove(container.id());
        finish(container.id());
        LogFiles log = new LogFiles(files.of(container.id()).log());
        LogShipper shipper = new LogShipper(container, log, target, end);
        shippers.put(container.id(), shipper);
        shipper.start();
    }

    /** The start came to nothing, or the run has ended: the rest is sent in its own time. */
    void ended(String id) {
        close(opened.remove(id));
        shippers.computeIfPresent(id, (key, shipper) -> shipper.isDone() ? null : shipper);
    }

    /** Sends the rest if the target takes it, and ends. */
    void finish(String id) {
        LogShipper shipper = shippers.remove(id);
        if (shipper != null) {
            shipper.finish();
        }
    }

    /** Whether a file is to be sent yet. */
    boolean needs(String id, LogFiles.Found file) throws IOException {
        LogShipper shipper = shippers.get(id);
        return shipper != null && shipper.needs(file);
    }

    private static void close(LogTarget target) {
        if (target != null) {
            target.close();
        }
    }
}
