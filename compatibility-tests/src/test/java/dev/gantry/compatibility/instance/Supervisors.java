package dev.gantry.compatibility.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What really runs: the conmon of each container, and the cgroups in which processes are. */
record Supervisors(Instance instance) {
    /** Pids of the conmons that work for this instance, by the first half of the container's (or exec's) id. */
    Map<String, Long> byContainer() {
        Map<String, Long> found = new HashMap<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String pid = process.getFileName().toString();
                if (!pid.matches("\\d+")) {
                    continue;
                }
                List<String> words = words(process.resolve("cmdline"));
                int bundle = words.indexOf("--bundle") + 1;
                if (words.getFirst().endsWith("conmon")
                        && bundle > 0
                        && words.get(bundle).startsWith(instance.run() + "/")) {
                    found.put(Path.of(words.get(bundle)).getFileName().toString(), Long.parseLong(pid));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Those of the containers that have a cgroup; in hybrid hierarchies some have several. */
    Set<String> cgroups(Set<String> containers) {
        Set<String> found = new HashSet<>();
        for (String line : Commands.lines("find", "/sys/fs/cgroup", "-type", "d", "-path", "*/gantry/*")) {
            String id = line.replaceFirst(".*/gantry/([^/]*).*", "$1");
            if (containers.contains(id)) {
                found.add(id);
            }
        }
        return found;
    }

    private static List<String> words(Path file) {
        try {
            return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\0", -1));
        } catch (IOException ended) {
            return List.of("");
        }
    }
}
