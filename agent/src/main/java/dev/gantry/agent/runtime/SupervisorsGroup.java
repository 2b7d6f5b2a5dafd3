package dev.gantry.agent.runtime;

import dev.gantry.agent.host.HostRoot;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A control group for what outlives this process. When an agent's own container ends, its runtime kills everything in that
 * container's group: supervisors of containers must not be there. Elsewhere they stay where the agent is, which spares a
 * program at each start; a unit of systemd has {@code KillMode=process} for it.
 */
// An agent that starts nothing takes away what one before it needed, too.
@Startup
@ApplicationScoped
public class SupervisorsGroup {
    private static final String NAME = "/gantry-supervisors";

    private final Cgroups cgroups;
    private final List<String> way;

    SupervisorsGroup(HostRoot host) {
        cgroups = Cgroups.ofHost();
        way = host.isElsewhere() ? wayInto(cgroups.make(NAME)) : List.of();
    }

    /** The command that does the same from inside the group. */
    List<String> in(List<String> command) {
        List<String> result = new ArrayList<>(way);
        result.addAll(command);
        return result;
    }

    /** A shell that moves itself, and becomes the program behind it. */
    private static List<String> wayInto(List<Path> groups) {
        String moves = groups.stream()
                .map(group -> "echo 0 >" + group.resolve("cgroup.procs"))
                .collect(Collectors.joining(" && "));
        return List.of("/bin/sh", "-c", moves + " && exec \"$@\"", "supervisor");
    }

    @PreDestroy
    void stop() {
        if (!way.isEmpty()) {
            cgroups.removeIfEmpty(NAME);
        }
    }
}
