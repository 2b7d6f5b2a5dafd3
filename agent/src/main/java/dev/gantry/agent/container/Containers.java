package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.container.ContainerState.Running;
import dev.gantry.agent.host.BootId;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.runtime.OciConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The containers of this host, by id. */
@ApplicationScoped
public class Containers {
    private final Map<String, AgentContainer> byId = new ConcurrentHashMap<>();

    AgentContainer get(String id) {
        return find(id).orElseThrow(() -> new AgentFailure(AgentFailure.Code.NOT_FOUND, "No such container: " + id));
    }

    Optional<AgentContainer> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Adds a container, unless one of that id is there. */
    Optional<AgentContainer> addIfAbsent(AgentContainer container) {
        return Optional.ofNullable(byId.putIfAbsent(container.id(), container));
    }

    void remove(AgentContainer container) {
        byId.remove(container.id(), container);
    }

    Collection<AgentContainer> all() {
        return byId.values();
    }

    /** Ids of the containers whose specification this host holds. */
    public List<String> ids() {
        return List.copyOf(byId.keySet());
    }

    /** Main process of a running container; {@code CONFLICT} when it does not run. */
    public int pidOf(String id) {
        return get(id).running().processes().pid();
    }

    /** The container's present run; nothing when it does not run; {@code NOT_FOUND}. */
    public Optional<Run> runOf(String id) {
        AgentContainer container = get(id);
        return container.state() instanceof Running running
                ? Optional.of(new Run(
                        OciConfig.cgroup(container.spec()),
                        running.processes().pid(),
                        running.processes().pidStart()))
                : Optional.empty();
    }

    /** A run of a container: its control group, and its main process by pid and start time. */
    public record Run(String cgroup, int pid, long pidStart) {}

    /** A running container as an exec needs to know it. */
    public RunningContainer running(String id) {
        AgentContainer container = get(id);
        Running running = container.running();
        if (running.paused()) {
            throw new AgentFailure(
                    AgentFailure.Code.CONFLICT, "container " + id + " is paused, unpause the container before exec");
        }
        return new RunningContainer(container.spec(), running.processes().pid());
    }

    /** Has a look at a container that neither starts nor goes meanwhile: for steps that do not wait for anybody. */
    public <T> T still(String id, Function<Seen, T> look) {
        AgentContainer container = get(id);
        return container.exclusively(() -> {
            boolean runs = container.state() instanceof Running running
                    && running.processes().bootId().equals(BootId.CURRENT);
            ContainerState.Processes processes = runs ? container.running().processes() : null;
            return look.apply(new Seen(
                    container.spec(), container.files(), runs ? processes.pid() : 0, runs ? processes.pidStart() : 0));
        });
    }

    /**
     * @param pid of the main process, 0 when it does not run
     * @param pidStart see {@link dev.gantry.agent.linux.Signals#startTime}
     */
    public record Seen(ContainerSpec spec, ContainerFiles files, int pid, long pidStart) {}

    public record RunningContainer(ContainerSpec spec, int pid) {}
}
