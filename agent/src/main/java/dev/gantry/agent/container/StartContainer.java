package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Processes;
import dev.gantry.agent.container.ContainerState.Starting;
import dev.gantry.agent.dns.ContainerNames;
import dev.gantry.agent.host.BootId;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.log.Logs;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.report.AskedBy;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.runtime.CgroupMoves;
import dev.gantry.agent.runtime.CompiledSeccomp;
import dev.gantry.agent.runtime.Conmon;
import dev.gantry.agent.runtime.ContainerLaunch;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.OciRuntime;
import dev.gantry.agent.runtime.OciSpec;
import dev.gantry.agent.runtime.Runtimes;
import dev.gantry.agent.runtime.WorkingDirectory;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Attachments;
import dev.gantry.agent.volume.VolumeUses;
import dev.gantry.agent.volume.Volumes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a container: mounts its root filesystem, attaches its network, writes the OCI configuration, has conmon create
 * it, connects waiting clients to its streams, and lets its process go. When a phase fails, all before it are undone
 * ({@link ReleaseContainer}) and the container is as it was.
 */
@ApplicationScoped
class StartContainer {
    private final Snapshots snapshots;
    private final HostNetwork network;
    private final ContainerNames names;
    private final Volumes volumes;
    private final VolumeUses uses;
    private final Attachments attachments;
    private final Logs logs;
    private final Containers containers;
    private final Runtimes runtimes;
    private final OciConfig ociConfig;
    private final CompiledSeccomp seccomp;
    private final Conmon conmon;
    private final CgroupMoves cgroupMoves;
    private final ReleaseContainer release;
    private final ReportJournal reports;
    private final HealthChecks health;
    private final SuspectStarts suspects;
    private final ObjectMapper json;

    StartContainer(
            Snapshots snapshots,
            HostNetwork network,
            ContainerNames names,
            Volumes volumes,
            VolumeUses uses,
            Attachments attachments,
            Logs logs,
            Containers containers,
            Runtimes runtimes,
            OciConfig ociConfig,
            CompiledSeccomp seccomp,
            Conmon conmon,
            CgroupMoves cgroupMoves,
            ReleaseContainer release,
            ReportJournal reports,
            HealthChecks health,
            SuspectStarts suspects,
            ObjectMapper json) {
        this.snapshots = snapshots;
        this.network = network;
        this.names = names;
        this.volumes = volumes;
        this.uses = uses;
        this.attachments = attachments;
        this.logs = logs;
        this.containers = containers;
        this.runtimes = runtimes;
        this.seccomp = seccomp;
        this.conmon = conmon;
        this.cgroupMoves = cgroupMoves;
        this.release = release;
        this.reports = reports;
        this.health = health;
        this.suspects = suspects;
        this.json = json;
        this.ociConfig = ociConfig;
    }

    /** Starts a container that does not run; its lock is held. */
    Report.ContainerStarted start(AgentContainer container, NetworkPlan plan, int restartCount) {
        network.require(plan);
        return suspects.run(container, () -> attempt(container, plan, restartCount));
    }

    private Report.ContainerStarted attempt(AgentContainer container, NetworkPlan plan, int restartCount) {
        ContainerState before = container.state();
        Report.ContainerStarted report = null;
        try {
            Starting starting;
            try (CgroupMoves.Ready moves = cgroupMoves.ready()) {
                starting = create(container, plan, restartCount);
            }
            container.beginRun();
            container.become(starting);
            // Taken before, or a process that ends at once would seem to end before it began.
            Instant at = Instant.now();
            runtimes.of(container.spec()).start(container.id());
            // Reported before it is noted: an agent that is killed in between reports it once more, not never.
            report = reports.append(sequence -> new Report.ContainerStarted(
                    sequence,
                    container.id(),
                    at,
                    starting.processes().pid(),
                    restartCount,
                    starting.networkNamespace(),
                    AskedBy.current()));
            container.become(starting.started(at));
            health.follow(container);
            return report;
        } catch (IOException e) {
            undo(container, before);
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "starting the container: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            undo(container, before);
            if (report != null) {
                endedAtOnce(container, e);
            }
            throw e;
        }
    }

    /** It was reported to have started, but could not be noted, and has been undone. */
    private void endedAtOnce(AgentContainer container, RuntimeException cause) {
        reports.append(sequence -> new Report.ContainerExited(
                sequence,
                container.id(),
                Instant.now(),
                ContainerExits.UNSUPERVISED_EXIT,
                false,
                false,
                "the container's state cannot be written: " + cause.getMessage()));
    }

    private Starting create(AgentContainer container, NetworkPlan plan, int restartCount) throws IOException {
        ContainerSpec spec = container.spec();
        if (spec.log().error() != null) {
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL,
                    "failed to create task for container: failed to initialize logging driver: "
                            + spec.log().error());
        }
        logs.prepare(spec);
        ContainerFiles files = container.files();
        OciRuntime runtime = runtimes.of(spec);
        // First of all: an agent that finds it knows that there is something to undo.
        Files.createDirectories(files.bundle());
        Disk.replace(files.networkPlan(), json.writeValueAsBytes(plan));
        Path rootfs = snapshots.mount(spec.id(), spec.layers());
        WorkingDirectory.requirePossible(rootfs, spec.process().cwd());
        Optional<Path> namespace = network.attach(spec.id(), plan);
        if (plan.hasNames()) {
            names.put(files, network.namespaceOf(spec.id()), plan, spec.dns());
        }
        NetworkFiles.write(spec, plan, files);
        SharedMemory.mount(spec, files);
        Map<String, Path> taken = take(spec);
        Map<MountSpec, Path> parts = VolumeParts.mount(spec, files, volumes, taken, snapshots);
        ContainerLaunch launch = new ContainerLaunch(
                spec,
                files,
                containers.get(network.namespaceOwner(spec.id())).files(),
                rootfs,
                plan,
                namespace,
                mount -> parts.getOrDefault(mount, taken.get(mount.source())),
                other -> SharedMemory.of(containers.get(other)),
                containers::pidOf);
        OciSpec config = ociConfig.of(launch);
        Disk.replace(files.ociConfig(), json.writeValueAsBytes(seccomp.with(config, runtime)));
        Conmon.Created created = conmon.create(runtime, spec, files);
        VolumeParts.unmount(files);
        seccomp.learn(config, runtime, spec.id());
        attachments.connect(spec.id(), files.attachSocket(), spec.process().tty());
        logs.started(spec.id());
        return new Starting(
                new Processes(
                        created.pid(), created.pidStart(), created.conmonPid(), created.conmonStart(), BootId.CURRENT),
                restartCount,
                namespace.map(Path::toString).orElse(""));
    }

    /** Where its volumes are. */
    private Map<String, Path> take(ContainerSpec spec) {
        Map<String, Path> taken = new HashMap<>();
        for (MountSpec mount : spec.mounts() == null ? List.<MountSpec>of() : spec.mounts()) {
            if (mount.kind() == MountSpec.Kind.VOLUME) {
                taken.put(mount.source(), uses.take(mount.source(), spec.id()));
            }
        }
        return taken;
    }

    private void undo(AgentContainer container, ContainerState before) {
        release.release(container);
        try {
            container.become(before);
            container.endStart(0);
        } catch (UncheckedIOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.NO_SPACE, "the container's state cannot be written: " + e.getMessage(), e);
        }
    }
}
