package dev.gantry.agent.runtime;

import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.ExecFiles;
import dev.gantry.agent.linux.Signals;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Processes, cgroups and directories of containers that this agent does not know, or that do not run. */
@ApplicationScoped
public class Leftovers {
    private static final Logger LOG = Logger.getLogger(Leftovers.class);

    private final AgentFiles files;
    private final Cgroups cgroups = Cgroups.ofHost();

    public Leftovers(AgentFiles files) {
        this.files = files;
    }

    /**
     * Stops supervisors that nobody waits for, and removes what belongs to no container.
     *
     * @param known containers whose specification is on disk: their directories and cgroups are left to their release
     * @param supervised those of them that keep their supervisor
     */
    public void remove(Set<String> known, Set<String> supervised) {
        Set<Path> kept =
                Set.copyOf(supervised.stream().map(id -> files.of(id).run()).toList());
        stopSupervisors(kept);
        for (Path state : entries(files.runtimeRoot())) {
            String id = state.getFileName().toString();
            if (!known.contains(id)) {
                LOG.infof("Removing what the runtime keeps of %s", id);
                cgroups.remove("/gantry/" + id);
                Disk.deleteTree(state);
            }
        }
        Set<Path> runs = runs(known);
        entries(files.runs()).stream().filter(run -> !runs.contains(run)).forEach(Disk::deleteTree);
        entries(files.exits()).stream()
                .filter(file -> !known.contains(file.getFileName().toString()))
                .forEach(Disk::deleteTree);
    }

    /** The parent of our containers' cgroups, once it is empty; another agent of this host may still use it. */
    public void removeEmptyCgroups() {
        cgroups.removeIfEmpty("/gantry");
    }

    /** conmons that work in one of our directories, known or not, even those that wrote no pid file yet. */
    private void stopSupervisors(Set<Path> kept) {
        for (Path process : entries(Path.of("/proc"))) {
            String name = process.getFileName().toString();
            if (name.matches("\\d+") && isLeftover(process, kept)) {
                int pid = Integer.parseInt(name);
                LOG.infof("Stopping the supervisor %d of a container that does not exist", pid);
                try {
                    Signals.send(pid, Signals.startTime(pid), Signals.SIGKILL);
                } catch (IOException e) {
                    LOG.warnf(e, "supervisor %d", pid);
                }
            }
        }
    }

    private boolean isLeftover(Path process, Set<Path> kept) {
        try {
            List<String> words =
                    List.of(Files.readString(process.resolve("cmdline")).split("\0", -1));
            int option = words.indexOf("--bundle");
            if (!words.getFirst().endsWith("/conmon") || option < 0 || option + 1 == words.size()) {
                return false;
            }
            Path bundle = Path.of(words.get(option + 1));
            return files.runs().equals(bundle.getParent()) && !kept.contains(bundle)
                    || files.execs().equals(bundle.getParent()) && !Files.exists(new ExecFiles(bundle).state());
        } catch (IOException e) {
            return false;
        }
    }

    private Set<Path> runs(Set<String> ids) {
        return ids.stream().map(id -> files.of(id).run()).collect(Collectors.toSet());
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
