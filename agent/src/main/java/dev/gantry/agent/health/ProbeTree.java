package dev.gantry.agent.health;

import dev.gantry.agent.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A check's program and what it has started: its descendants, and all in its process group, which is the runtime's or its
 * own, and in sessions and groups that it or they lead. What has made itself independent of all of them before is not found,
 * and lives on with the container.
 */
final class ProbeTree {
    /** One that forks faster than it is killed is left to the container's limits. */
    private static final int ROUNDS = 20;

    private final Supplier<Set<Integer>> container;
    /** Processes, and leaders of groups and sessions, which may be none of the container's: a runtime forks in its own. */
    private final Set<Integer> found = new HashSet<>();

    /** @param container the processes of the container now: of others none is ever killed */
    ProbeTree(int pid, Supplier<Set<Integer>> container) {
        this.container = container;
        found.add(pid);
        ids(pid).stream().skip(1).forEach(found::add);
    }

    /** Ends them with SIGKILL. */
    void kill() throws IOException {
        boolean alive = true;
        for (int round = 0; alive && round < ROUNDS; round++) {
            alive = killOnce(container.get());
        }
    }

    private boolean killOnce(Set<Integer> all) throws IOException {
        boolean more = true;
        while (more) {
            more = false;
            for (int pid : all) {
                more |= !found.contains(pid) && belongs(pid) && found.add(pid);
            }
        }
        boolean alive = false;
        for (int pid : all) {
            long start = found.contains(pid) ? Signals.startTime(pid) : 0;
            alive |= start != 0 && Signals.send(pid, start, Signals.SIGKILL);
        }
        return alive;
    }

    private boolean belongs(int pid) {
        return ids(pid).stream().anyMatch(found::contains);
    }

    /** Its parent, its group and its session; empty when it has ended. */
    private static List<Integer> ids(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // proc(5): behind the name in parentheses, which may hold anything, comes the state.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
            return List.of(Integer.valueOf(fields[1]), Integer.valueOf(fields[2]), Integer.valueOf(fields[3]));
        } catch (IOException e) {
            return List.of();
        }
    }
}
