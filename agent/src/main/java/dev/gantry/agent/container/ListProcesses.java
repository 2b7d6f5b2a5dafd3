package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Processes;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.Programs;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code docker top}: the host's ps(1), reduced to the processes in the container's cgroup. */
@ApplicationScoped
class ListProcesses {
    private static final String DEFAULT_ARGUMENTS = "-ef";

    private final Cgroups cgroups = Cgroups.ofHost();

    Processes list(AgentContainer container, String arguments) {
        container.running();
        Set<Integer> pids = cgroups.processes(OciConfig.cgroup(container.spec()));
        List<String> command = new ArrayList<>();
        command.add(Programs.find("ps")
                .orElseThrow(
                        () -> new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, "ps is not installed on this host"))
                .toString());
        String wanted = arguments == null || arguments.isBlank() ? DEFAULT_ARGUMENTS : arguments.strip();
        command.addAll(List.of(wanted.split("\\s+", -1)));
        try {
            Programs.Result result = Programs.run(command);
            if (!result.succeeded()) {
                throw new AgentFailure(
                        AgentFailure.Code.BAD_REQUEST, "ps: " + result.output().strip());
            }
            return parse(result.output(), pids);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Processes parse(String output, Set<Integer> pids) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        List<String> titles =
                lines.isEmpty() ? List.of() : List.of(lines.getFirst().strip().split("\\s+", -1));
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "Couldn't find PID field in ps output");
        }
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            // The last column is the command line and keeps its blanks.
            String[] fields = line.strip().split("\\s+", titles.size());
            if (fields.length > pidColumn
                    && fields[pidColumn].matches("\\d{1,9}")
                    && pids.contains(Integer.valueOf(fields[pidColumn]))) {
                rows.add(List.of(fields));
            }
        }
        return new Processes(titles, rows);
    }
}
