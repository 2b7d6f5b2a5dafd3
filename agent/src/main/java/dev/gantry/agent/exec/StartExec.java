package dev.gantry.agent.exec;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.ExecSpec;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.ExecFiles;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.runtime.CgroupMoves;
import dev.gantry.agent.runtime.Conmon;
import dev.gantry.agent.runtime.Executables;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.OciSpec;
import dev.gantry.agent.runtime.RuntimeErrors;
import dev.gantry.agent.runtime.Runtimes;
import dev.gantry.agent.stdio.Attachments;
import dev.gantry.agent.stdio.ExecClient;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * Starts a program in a running container: looks whether it is there, has conmon prepare the streams, connects the
 * client, lets the runtime start it. A program that cannot be started ends with exit code 126, and its client is told why
 * in the stream, as Docker does, whether it was upgraded before or is for that; nothing of it remains.
 */
@ApplicationScoped
class StartExec {
    private static final Logger LOG = Logger.getLogger(StartExec.class);

    private final Containers containers;
    private final Runtimes runtimes;
    private final HostNetwork network;
    private final OciConfig ociConfig;
    private final Conmon conmon;
    private final CgroupMoves cgroupMoves;
    private final Attachments attachments;
    private final Execs execs;
    private final ObjectMapper json;

    StartExec(
            Containers containers,
            Runtimes runtimes,
            HostNetwork network,
            OciConfig ociConfig,
            Conmon conmon,
            CgroupMoves cgroupMoves,
            Attachments attachments,
            Execs execs,
            ObjectMapper json) {
        this.containers = containers;
        this.runtimes = runtimes;
        this.network = network;
        this.ociConfig = ociConfig;
        this.conmon = conmon;
        this.cgroupMoves = cgroupMoves;
        this.attachments = attachments;
        this.execs = execs;
        this.json = json;
    }

    /** @param request the client's, for one that is not detached: it is upgraded here */
    void start(String containerId, String execId, ExecSpec spec, HttpServerRequest request) throws IOException {
        try (CgroupMoves.Ready moves = cgroupMoves.ready()) {
            prepared(containerId, execId, spec, request);
        }
    }

    private void prepared(String containerId, String execId, ExecSpec spec, HttpServerRequest request)
            throws IOException {
        Containers.RunningContainer container = containers.running(containerId);
        Path rootfs = Path.of("/proc/" + container.pid() + "/root");
        OciSpec.Process process;
        try {
            Executables.requireNames(spec.env());
            process = ociConfig.execProcess(container.spec(), network.planOf(containerId), spec, rootfs);
            Executables.require(
                    rootfs, process.env(), process.cwd(), spec.args().getFirst());
        } catch (AgentFailure complaint) {
            refuse(containerId, execId, spec, request, complaint);
            return;
        }
        ExecFiles files = execs.prepare(execId);
        ExecClient client = null;
        try {
            Disk.replace(files.process(), json.writeValueAsBytes(process));
            try (Conmon.Exec exec = conmon.exec(runtimes.of(container.spec()), containerId, files, spec)) {
                if (!spec.detach()) {
                    client = attachments.exec(request, files.attachSocket(), spec);
                    exec.release();
                }
                execs.started(containerId, execId, exec.pid(), files);
            }
            if (client != null) {
                client.started();
            }
        } catch (IOException | RuntimeException e) {
            AgentFailure failure = RuntimeErrors.ofExec(e);
            execs.failed(containerId, execId);
            if (client == null) {
                throw failure;
            }
            LOG.infof("exec %s in container %s: %s", execId, containerId, failure.getMessage());
            client.refused(failure.getMessage());
        }
    }

    private void refuse(
            String containerId, String execId, ExecSpec spec, HttpServerRequest request, AgentFailure complaint) {
        execs.failed(containerId, execId);
        if (spec.detach()) {
            throw complaint;
        }
        attachments.refuse(request, spec.framed(), complaint.getMessage());
    }
}
