package dev.gantry.agent.log;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import io.netty.buffer.ByteBuf;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** The logs of this host's containers: serves them, and keeps those of running containers within their bounds. */
@ApplicationScoped
public class Logs {
    private static final Logger LOG = Logger.getLogger(Logs.class);

    private final AgentFiles files;
    private final KeptLogs kept;
    private final ObjectMapper json;
    private final LogShipping shipping;
    /** Completed when the run has ended, by container. */
    private final Map<String, CompletableFuture<Void>> runs = new ConcurrentHashMap<>();

    public Logs(AgentFiles files, KeptLogs kept, ObjectMapper json) {
        this.files = files;
        this.kept = kept;
        this.json = json;
        kept.start();
        this.shipping = new LogShipping(files);
    }

    /**
     * The container is about to be started: reaches what its log is sent to.
     *
     * @throws AgentFailure INTERNAL, in dockerd's words, when that is away
     */
    public void prepare(ContainerSpec container) {
        shipping.prepare(container);
    }

    /** The container starts, or was found running: its log grows from now on. */
    public void started(String containerId) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        if (runs.putIfAbsent(containerId, end) != null) {
            return;
        }
        try {
            ContainerSpec container = spec(containerId);
            ContainerSpec.LogSpec bounds = container.log();
            shipping.begin(container, end);
            if (bounds.maxSize() > 0 && keepsLog(bounds)) {
                ContainerFiles own = files.of(containerId);
                LogRotation rotation = new LogRotation(
                        new LogFiles(own.log()), bounds, own.control(), file -> shipping.needs(containerId, file));
                Thread.ofVirtual().name("log-rotation-" + containerId).start(() -> watch(rotation, end));
            }
        } catch (AgentFailure e) {
            LOG.warnf("the log of container %s grows without bound: %s", containerId, e.getMessage());
        }
    }

    /** A container that does not run was found: what an agent before this one has not sent of its log is sent. */
    public void found(ContainerSpec container) {
        shipping.begin(container, CompletableFuture.completedFuture(null));
    }

    /** The container goes: its log is not needed any more once the rest was sent, if that can be done now. */
    public void removing(String containerId) {
        ended(containerId);
        shipping.finish(containerId);
        try {
            ContainerSpec.LogSpec log = spec(containerId).log();
            if (keepsLog(log) && !log.unreadable()) {
                kept.add(files.of(containerId));
            }
        } catch (IOException | AgentFailure e) {
            LOG.warnf("the log of container %s is not kept: %s", containerId, e.getMessage());
        }
    }

    private static void watch(LogRotation rotation, CompletableFuture<Void> end) {
        try {
            rotation.watch(end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The container has ended: followers get the rest and their end. */
    public void ended(String containerId) {
        CompletableFuture<Void> end = runs.remove(containerId);
        if (end != null) {
            end.complete(null);
        }
        shipping.ended(containerId);
    }

    /**
     * The container's specification, with what concerns its output.
     *
     * @throws AgentFailure NOT_FOUND
     */
    public ContainerSpec spec(String containerId) {
        if (!containerId.matches("[0-9a-f]{64}")) {
            throw noSuchContainer(containerId);
        }
        try {
            java.nio.file.Path own = files.of(containerId).spec();
            java.nio.file.Path spec = java.nio.file.Files.exists(own) ? own : kept.spec(containerId);
            return json.readValue(java.nio.file.Files.readAllBytes(spec), ContainerSpec.class);
        } catch (NoSuchFileException e) {
            throw noSuchContainer(containerId);
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "cannot read the specification of " + containerId, e);
        }
    }

    private static AgentFailure noSuchContainer(String containerId) {
        return new AgentFailure(AgentFailure.Code.NOT_FOUND, "No such container: " + containerId);
    }

    /** @throws AgentFailure NOT_SUPPORTED, in Docker's words, when the container's output is not kept */
    public void requireReadable(ContainerSpec spec) {
        if (!keepsLog(spec.log()) || spec.log().unreadable()) {
            throw new AgentFailure(
                    AgentFailure.Code.NOT_SUPPORTED, "configured logging driver does not support reading");
        }
    }

    private static boolean keepsLog(ContainerSpec.LogSpec log) {
        return !"none".equals(log.driver());
    }

    /**
     * Writes what the query asks for, framed as Docker does, and returns when all of it has left. Blocks: for virtual
     * threads. Returns early, in silence, when the client leaves.
     *
     * @param write starts writing a chunk; completes when it has left
     * @param open whether the client is still there
     */
    public void copy(
            ContainerSpec spec, LogQuery query, Function<ByteBuf, CompletionStage<?>> write, BooleanSupplier open)
            throws InterruptedException {
        CompletableFuture<Void> end = runs.getOrDefault(spec.id(), CompletableFuture.completedFuture(null));
        PacedSink sink = new PacedSink(write, open);
        try {
            ContainerFiles own = files.of(spec.id());
            LogFiles log = new LogFiles(java.nio.file.Files.exists(own.spec()) ? own.log() : kept.log(spec.id()));
            LogFrames frames =
                    new LogFrames(query, spec.process().tty(), spec.log().details());
            new LogReader(log, query, frames, sink).run(end);
            sink.drain();
        } catch (IOException e) {
            if (sink.isOpen()) {
                LOG.warnf(e, "cannot read the log of container %s", spec.id());
            }
        }
    }
}
