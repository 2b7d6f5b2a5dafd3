package dev.gantry.agent.container;

import dev.gantry.agent.dns.ContainerNames;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.log.Logs;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.Runtimes;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Attachments;
import dev.gantry.agent.volume.VolumeUses;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Gives back what a run of a container held on the host, in the reverse order of a start: supervisor, processes and
 * cgroups, network, mount, run directory. Every step may find its work done already, so it serves after an exit, a
 * failed start and a crash alike. A step that fails is logged and leaves its remains to the agent's next start.
 */
@ApplicationScoped
class ReleaseContainer {
    private static final Logger LOG = Logger.getLogger(ReleaseContainer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SUPERVISOR_PATIENCE = Duration.ofSeconds(2);

    private final AgentFiles files;
    private final Runtimes runtimes;
    private final HostNetwork network;
    private final ContainerNames names;
    private final Snapshots snapshots;
    private final Attachments attachments;
    private final Logs logs;
    private final VolumeUses uses;
    private final Cgroups cgroups = Cgroups.ofHost();

    ReleaseContainer(
            AgentFiles files,
            Runtimes runtimes,
            HostNetwork network,
            ContainerNames names,
            Snapshots snapshots,
            Attachments attachments,
            Logs logs,
            VolumeUses uses) {
        this.files = files;
        this.runtimes = runtimes;
        this.network = network;
        this.names = names;
        this.snapshots = snapshots;
        this.attachments = attachments;
        this.logs = logs;
        this.uses = uses;
    }

    /** After an exit, which leaves conmon the time to pass the rest of the output on; the container's lock is held. */
    void afterExit(AgentContainer container) {
        step(
                container.id(),
                "supervisor",
                () -> awaitSupervisor(container.files().conmonPid()));
        release(container);
    }

    /** At once; the container's lock is held. */
    void release(AgentContainer container) {
        String id = container.id();
        step(id, "supervisor", () -> stopSupervisor(container.files().conmonPid()));
        step(id, "streams", () -> attachments.ended(id));
        step(id, "log", () -> logs.ended(id));
        step(id, "cgroups", () -> emptyCgroup(OciConfig.cgroup(container.spec())));
        step(id, "runtime", () -> runtimes.byDefault().forget(id));
        step(id, "names", () -> names.remove(id));
        step(id, "network", () -> network.detach(id));
        step(id, "mount", () -> snapshots.unmount(id));
        step(id, "shared memory", () -> SharedMemory.unmount(container.files()));
        step(id, "parts of volumes", () -> VolumeParts.unmount(container.files()));
        step(id, "volumes", () -> uses.giveBack(id));
        step(id, "exit file", () -> Files.deleteIfExists(files.exits().resolve(id)));
        step(id, "run directory", () -> Disk.deleteTree(container.files().run()));
    }

    /** For a container without a run directory, which is made first and goes last: looks, and mostly finds nothing. */
    void releaseRemains(AgentContainer container) {
        String id = container.id();
        step(id, "cgroups", () -> emptyCgroup(OciConfig.cgroup(container.spec())));
        step(id, "mount", () -> snapshots.unmount(id));
        step(id, "exit file", () -> Files.deleteIfExists(files.exits().resolve(id)));
    }

    private static void stopSupervisor(Path pidFile) throws IOException {
        int pid = supervisor(pidFile);
        if (pid > 0) {
            Signals.send(pid, Signals.startTime(pid), Signals.SIGKILL);
        }
    }

    private static void awaitSupervisor(Path pidFile) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + SUPERVISOR_PATIENCE.toNanos();
        for (long wait = 1; supervisor(pidFile) > 0 && System.nanoTime() < deadline; wait = Math.min(wait * 2, 50)) {
            Thread.sleep(wait);
        }
    }

    /** conmon's pid while it runs; 0 afterwards. */
    private static int supervisor(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return 0;
        }
        int pid = Integer.parseInt(Files.readString(pidFile).strip());
        boolean runs = Signals.startTime(pid) != 0
                && Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("conmon");
        return runs ? pid : 0;
    }

    private void emptyCgroup(String group) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (long wait = 1; !cgroups.remove(group); wait = Math.min(wait * 2, 100)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("processes in " + group + " do not end");
            }
            Thread.sleep(wait);
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private static void step(String id, String what, Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            LOG.warnf(e, "%s of container %s could not be released", what, id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
