package dev.gantry.compatibility.instance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This machine, as the host of an agent that runs in a container. */
final class HostOfAgent {
    private HostOfAgent() {}

    /** Takes away what an agent leaves for the next one. */
    static void forget(String bridge, String table) {
        Commands.lines("ip", "link", "delete", bridge);
        Commands.lines("nft", "delete", "table", "inet", table);
    }

    /**
     * What is there still of containers, once they are gone and the agent is down.
     *
     * @param directory with the agent's {@code data} and {@code run}
     */
    static List<String> leftovers(Path directory) throws IOException {
        List<String> left = new ArrayList<>();
        left.addAll(Commands.lines("sh", "-c", "ls -d /sys/fs/cgroup/*/gantry-supervisors"));
        left.addAll(Commands.lines("grep", directory.resolve("data").toString(), "/proc/self/mountinfo"));
        for (String inside : List.of("run/agent/c", "run/agent/netns", "data/agent/containers")) {
            Path path = directory.resolve(inside);
            if (Files.exists(path)) {
                try (var entries = Files.list(path)) {
                    entries.map(Path::toString).forEach(left::add);
                }
            }
        }
        return left;
    }
}
