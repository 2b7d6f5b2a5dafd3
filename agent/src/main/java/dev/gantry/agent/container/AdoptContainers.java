package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.container.ContainerState.Created;
import dev.gantry.agent.container.ContainerState.Exited;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.container.ContainerState.Starting;
import dev.gantry.agent.dns.ContainerNames;
import dev.gantry.agent.dns.ContainerNames.Named;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.BootId;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.log.Logs;
import dev.gantry.agent.network.HostNetwork;
import dev.gantry.agent.report.ReportJournal;
import dev.gantry.agent.runtime.Leftovers;
import dev.gantry.agent.runtime.Runtimes;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Attachments;
import dev.gantry.agent.volume.VolumeUses;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Takes up, when the agent starts, what an earlier one left: running containers are supervised again, those that ended
 * meanwhile are reported, half-made starts and removals are finished or undone, and what belongs to no container goes.
 */
@ApplicationScoped
public class AdoptContainers {
    private static final Logger LOG = Logger.getLogger(AdoptContainers.class);

    /** As Docker: the exit code of a container whose end nobody saw. */
    private static final int UNSEEN_EXIT = 255;

    private final AgentFiles files;
    private final Containers containers;
    private final ContainerExits exits;
    private final DeleteContainer delete;
    private final ReleaseContainer release;
    private final Restarts restarts;
    private final Runtimes runtimes;
    private final Leftovers leftovers;
    private final HostNetwork network;
    private final ContainerNames names;
    private final Snapshots snapshots;
    private final VolumeUses uses;
    private final Attachments attachments;
    private final Logs logs;
    private final ReportJournal reports;
    private final HealthChecks health;
    private final Standstill standstill;
    private final ObjectMapper json;

    AdoptContainers(
            AgentFiles files,
            Containers containers,
            ContainerExits exits,
            DeleteContainer delete,
            ReleaseContainer release,
            Restarts restarts,
            Runtimes runtimes,
            Leftovers leftovers,
            HostNetwork network,
            ContainerNames names,
            Snapshots snapshots,
            VolumeUses uses,
            Attachments attachments,
            Logs logs,
            ReportJournal reports,
            HealthChecks health,
            Standstill standstill,
            ObjectMapper json) {
        this.files = files;
        this.containers = containers;
        this.exits = exits;
        this.delete = delete;
        this.release = release;
        this.restarts = restarts;
        this.runtimes = runtimes;
        this.leftovers = leftovers;
        this.network = network;
        this.names = names;
        this.snapshots = snapshots;
        this.uses = uses;
        this.attachments = attachments;
        this.logs = logs;
        this.reports = reports;
        this.health = health;
        this.standstill = standstill;
        this.json = json;
    }

    /**
     * Call once, before anything else is asked of this agent. The result is complete when all that ended before is
     * reported.
     */
    public CompletableFuture<Void> adopt() throws IOException {
        files.containerIds().parallelStream().forEach(this::load);
        Map<String, NetworkPlan> running = new HashMap<>();
        Set<String> supervised = new HashSet<>();
        for (AgentContainer container : containers.all()) {
            if (isAlive(container)) {
                running.put(container.id(), plan(container));
                supervised.add(container.id());
            }
        }
        // At the same time: whoever asks for a name waits for it.
        CompletableFuture<Void> named = CompletableFuture.runAsync(
                () -> name(running),
                work -> Thread.ofPlatform().name("adopt-names").start(work));
        // What it tries them with would be taken for something left over.
        runtimes.all();
        leftovers.remove(Set.copyOf(containers.ids()), supervised);
        network.reconcile(running);
        named.join();
        snapshots.reconcile(Set.copyOf(containers.ids()));
        uses.keepOnly(running.keySet());
        containers.all().forEach(this::settle);
        CompletableFuture<Void> ended = exits.start();
        LOG.infof("%d containers, %d of them running", containers.all().size(), running.size());
        return ended;
    }

    private void load(String id) {
        ContainerFiles own = files.of(id);
        try {
            if (Files.exists(own.spec())) {
                containers.addIfAbsent(AgentContainer.load(own, json));
                attachments.expect(id);
            } else {
                LOG.infof("Finishing the removal of container %s", id);
                delete.removeFiles(own);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what is kept of container " + id, e);
        }
    }

    /** Whether its process runs and is supervised, or left an exit code. */
    private boolean isAlive(AgentContainer container) {
        return switch (container.state()) {
            case Running running -> endsInOrder(container, running.processes());
            case Starting starting ->
                !runtimes.of(container.spec()).waitsForStart(container.id())
                        && endsInOrder(container, starting.processes());
            case Created created -> false;
            case Exited exited -> false;
        };
    }

    private boolean endsInOrder(AgentContainer container, ContainerState.Processes processes) {
        boolean sameBoot = processes.bootId().equals(BootId.CURRENT);
        return sameBoot && (processes.conmonRuns() || Files.exists(files.exits().resolve(container.id())));
    }

    private NetworkPlan plan(AgentContainer container) throws IOException {
        return json.readValue(Files.readAllBytes(container.files().networkPlan()), NetworkPlan.class);
    }

    private void name(Map<String, NetworkPlan> running) {
        List<Named> all = new ArrayList<>();
        running.forEach((id, plan) -> {
            if (plan.hasNames()) {
                AgentContainer container = containers.get(id);
                all.add(new Named(
                        container.files(),
                        network.namespaceOf(id),
                        plan,
                        container.spec().dns()));
            }
        });
        try {
            names.adopt(all);
        } catch (IOException | RuntimeException e) {
            LOG.error("containers have no name servers until their next start", e);
        }
    }

    private void settle(AgentContainer container) {
        container.exclusively(() -> {
            boolean alive = isAlive(container);
            switch (container.state()) {
                case Running running when alive -> supervise(container, running);
                case Running running -> lost(container, running);
                case Starting starting when alive -> startedUnanswered(container, starting);
                case Starting starting -> undo(container, starting);
                case Created created -> clear(container);
                case Exited exited -> rest(container, exited);
            }
            boolean writes = container.state() instanceof Running running
                    && running.processes().conmonRuns();
            if (!writes) {
                logs.found(container.spec());
            }
            if (!alive && reports.leavesRunning(container.id())) {
                deny(container);
            }
            return null;
        });
    }

    private void supervise(AgentContainer container, Running running) {
        if (running.processes().conmonRuns()) {
            logs.started(container.id());
            attachments.connect(
                    container.id(),
                    container.files().attachSocket(),
                    container.spec().process().tty());
            health.follow(container);
            standstill.adopt(container);
        }
    }

    /** The process was let go, but nobody was told. */
    private void startedUnanswered(AgentContainer container, Starting starting) {
        Running running = starting.started(Instant.now());
        reports.append(sequence -> new Report.ContainerStarted(
                sequence,
                container.id(),
                running.startedAt(),
                running.processes().pid(),
                running.restartCount(),
                running.networkNamespace(),
                null));
        container.become(running);
        supervise(container, running);
    }

    private void undo(AgentContainer container, Starting starting) {
        LOG.infof("Undoing the unfinished start of container %s", container.id());
        release.release(container);
        container.become(
                starting.restartCount() == 0
                        ? new Created()
                        : new Exited(
                                UNSEEN_EXIT,
                                false,
                                null,
                                Instant.now(),
                                starting.restartCount(),
                                true,
                                "the agent stopped during a restart"));
        if (container.state() instanceof Exited) {
            restarts.schedule(container, Duration.ZERO);
        }
    }

    /** Its supervisor is gone and left no exit code: the host was rebooted, or conmon killed. */
    private void lost(AgentContainer container, Running running) {
        boolean reboot = !running.processes().bootId().equals(BootId.CURRENT);
        Exited exited =
                running.exited(reboot ? UNSEEN_EXIT : ContainerExits.UNSUPERVISED_EXIT, false, Instant.now(), false);
        release.release(container);
        boolean again = reboot
                ? RestartPolicy.startsAtBoot(container.spec().restart(), exited, container.stoppedByCommand())
                : RestartPolicy.appliesTo(
                        container.spec().restart(),
                        exited.exitCode(),
                        running.restartCount(),
                        container.stoppedByCommand());
        Exited known = running.exited(exited.exitCode(), false, exited.at(), again);
        exits.report(container, known);
        container.become(known);
        if (again) {
            restarts.schedule(container, Duration.ZERO);
        }
    }

    private void rest(AgentContainer container, Exited exited) {
        clear(container);
        if (exited.restarting()) {
            restarts.schedule(container, Duration.ZERO);
        }
    }

    /** Its start was reported, and before that was noted everything ended: the services would take it for running. */
    private void deny(AgentContainer container) {
        boolean again = container.state() instanceof Exited exited && exited.restarting();
        reports.append(sequence ->
                new Report.ContainerExited(sequence, container.id(), Instant.now(), UNSEEN_EXIT, false, again, ""));
    }

    /** A kill in the midst of a start or a release leaves any part of a run behind. */
    private void clear(AgentContainer container) {
        if (Files.exists(container.files().run())) {
            release.release(container);
        } else {
            release.releaseRemains(container);
        }
    }
}
