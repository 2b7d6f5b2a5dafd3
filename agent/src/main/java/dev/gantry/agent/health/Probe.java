package dev.gantry.agent.health;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.HostThreads;
import dev.gantry.agent.host.ProbeFiles;
import dev.gantry.agent.linux.FileCreation;
import dev.gantry.agent.linux.Spawn;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.Executables;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.OciSpec;
import dev.gantry.agent.runtime.Runtimes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * One check: runs its program in the container as an exec of no client. The runtime is a child of this process and no
 * supervisor stands between, since of a check that this agent does not see to its end nobody wants the result: its
 * successor ends what is left of it.
 */
@ApplicationScoped
public class Probe {
    /** Runtimes that are starting programs: with all containers of a host at once it would do nothing else. */
    private static final int AT_ONCE = 8;

    private final AgentFiles files;
    private final Runtimes runtimes;
    private final OciConfig ociConfig;
    private final ObjectMapper json;
    private final Cgroups cgroups = Cgroups.ofHost();
    private final Semaphore starts = new Semaphore(AT_ONCE);

    public Probe(AgentFiles files, Runtimes runtimes, OciConfig ociConfig, ObjectMapper json) {
        this.files = files;
        this.runtimes = runtimes;
        this.ociConfig = ociConfig;
        this.json = json;
    }

    /**
     * What came of it.
     *
     * @param programExit of the program; null when it never ran
     * @param exitCode as {@link dev.gantry.agent.api.Report.Health} has it
     */
    public record Outcome(Integer programExit, int exitCode, String output) {
        static final int NONE = -1;

        static Outcome failed(String why) {
            return new Outcome(null, NONE, why);
        }
    }

    /**
     * Runs the check of a container to its end, at the latest that of its time.
     *
     * @param pid of the container's main process
     * @param cancelled when it becomes true the check is ended
     */
    public Outcome run(ContainerSpec spec, NetworkPlan plan, int pid, BooleanSupplier cancelled) {
        try {
            if (spec.health().command().isEmpty()) {
                return Outcome.failed("no command specified");
            }
            Path rootfs = Path.of("/proc/" + pid + "/root");
            OciSpec.Process process = ociConfig.execProcess(spec, plan, exec(spec), rootfs);
            Executables.require(
                    rootfs, process.env(), process.cwd(), process.args().getFirst());
            ProbeFiles own = files.probe(spec.id());
            endLeftOver(spec);
            Disk.replace(own.process(), json.writeValueAsBytes(process));
            try {
                return HostThreads.call(() -> run(spec, own, cancelled));
            } finally {
                own.delete();
            }
        } catch (IOException | AgentFailure e) {
            return Outcome.failed(e.getMessage());
        }
    }

    /** Ends what an agent that is no more left of a check. */
    public void endLeftOver(ContainerSpec spec) throws IOException {
        ProbeFiles own = files.probe(spec.id());
        int pid = pid(own);
        if (pid > 0) {
            tree(spec, pid).kill();
        }
        own.delete();
    }

    private static ContainerOperations.ExecSpec exec(ContainerSpec spec) {
        return new ContainerOperations.ExecSpec(
                spec.health().command(), null, null, null, false, false, true, true, false, true, true, null, 0, 0);
    }

    private Outcome run(ContainerSpec spec, ProbeFiles own, BooleanSupplier cancelled) throws Exception {
        starts.acquire();
        AtomicBoolean starting = new AtomicBoolean(true);
        Runnable started = () -> {
            if (starting.getAndSet(false)) {
                starts.release();
            }
        };
        try (Spawn.Child child =
                FileCreation.asUsual(() -> runtimes.of(spec).exec(spec.id(), own.process(), own.pid()))) {
            return new RunningProbe(child, spec.health(), () -> pid(own), started)
                    .await(cancelled, pid -> tree(spec, pid).kill());
        } finally {
            started.run();
        }
    }

    /** @return 0 when its program was not started */
    private static int pid(ProbeFiles own) throws IOException {
        if (!Files.exists(own.pid())) {
            return 0;
        }
        String text = Files.readString(own.pid()).strip();
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    private ProbeTree tree(ContainerSpec spec, int pid) {
        return new ProbeTree(pid, () -> cgroups.processes(OciConfig.cgroup(spec)));
    }
}
