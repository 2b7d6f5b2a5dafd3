package dev.gantry.agent.stats;

import dev.gantry.agent.api.ContainerStats;
import dev.gantry.agent.api.ContainerStats.Cpu;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.container.Containers.Run;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.network.HostNetwork;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what one run of a container uses. Fails when the run is over. */
final class Meter implements AutoCloseable {
    /** That one has open, at most. */
    static final int FILES = 24;

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private final String id;
    private final Run run;
    private final HostNetwork network;
    private final GroupFiles files;
    private final GroupFigures figures;
    private final Interfaces interfaces;

    Meter(String id, Run run, HostNetwork network, KernelText text) throws IOException {
        this.id = id;
        this.run = run;
        this.network = network;
        this.interfaces = new Interfaces(run.pid(), text);
        if (!Signals.alive(run.pid(), run.pidStart())) {
            interfaces.close();
            throw new NoSuchFileException("process " + run.pid());
        }
        this.files = new GroupFiles(CGROUPS, run.cgroup(), text);
        this.figures = GroupFigures.of(files);
    }

    boolean isOf(Run other) {
        return run.equals(other);
    }

    /** @param memory of the host, in bytes */
    ContainerStats read(Processors processors, long memory) throws IOException {
        Instant at = Instant.now();
        return ContainerStats.of(
                at,
                figures.pids(),
                figures.blkio(),
                new Cpu(figures.cpu(), processors.nanos(), processors.online(), figures.throttling()),
                figures.memory(memory),
                interfaces.read(interfaceNames()));
    }

    /** Those that we made, of whichever container has the namespace: the container may have others, as many as it likes. */
    private Set<String> interfaceNames() {
        NetworkPlan plan = network.planOf(id);
        NetworkPlan owner = plan.kind() == NetworkPlan.Kind.CONTAINER ? network.planOf(plan.container()) : plan;
        return owner.endpoints().stream()
                .map(NetworkPlan.Endpoint::interfaceName)
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        files.close();
        interfaces.close();
    }
}
