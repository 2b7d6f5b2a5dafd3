package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Processes;
import dev.gantry.agent.runtime.Cgroups;
import dev.gantry.agent.runtime.OciConfig;
import dev.gantry.agent.runtime.Programs;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code docker top}: the host's ps(1), reduced to the processes in the container's cgroup. Failures are in dockerd's words. */
@ApplicationScoped
class ListProcesses {
    private static final String DEFAULT_ARGUMENTS = "-ef";

    private final Cgroups cgroups = Cgroups.ofHost();

    Processes list(AgentContainer container, String arguments) {
        container.running();
        String ps = Programs.find("ps")
                .orElseThrow(
                        () -> new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, "ps is not installed on this host"))
                .toString();
        String wanted = arguments == null || arguments.isEmpty() ? DEFAULT_ARGUMENTS : arguments;
        if (wanted.indexOf('\0') >= 0) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "ps: fork/exec " + ps + ": invalid argument");
        }
        Set<Integer> pids = cgroups.processes(OciConfig.cgroup(container.spec()));
        return parse(output(ps, List.of(wanted.split(" ", -1)), pids), pids);
    }

    /** Asked for these processes alone, which spares ps all others; some options, such as -f of BSD, do not go with that. */
    private static String output(String ps, List<String> options, Set<Integer> pids) {
        List<String> command = new ArrayList<>(options);
        command.addFirst(ps);
        List<String> narrowed = new ArrayList<>(command);
        narrowed.add("-q" + pids.stream().map(String::valueOf).collect(Collectors.joining(",")));
        try {
            return run(narrowed);
        } catch (IOException refused) {
            try {
                return run(command);
            } catch (IOException e) {
                throw new AgentFailure(AgentFailure.Code.INTERNAL, "ps: " + e.getMessage(), e);
            }
        }
    }

    private static String run(List<String> command) throws IOException {
        Programs.Result result = Programs.run(command);
        if (!result.succeeded()) {
            throw new IOException(result.output().split("\n", 2)[0]);
        }
        return result.output();
    }

    /** A line whose pid is a dash is a thread of the process before it (option m). */
    static Processes parse(String output, Set<Integer> pids) {
        String[] lines = output.split("\n", -1);
        List<String> titles = fields(lines[0]);
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "Couldn't find PID field in ps output");
        }
        List<List<String>> rows = new ArrayList<>();
        boolean ours = false;
        for (String line : lines) {
            List<String> fields = fields(line);
            String pid = fields.size() > pidColumn ? fields.get(pidColumn) : "";
            ours = pid.equals("-") ? ours : pid.matches("\\d{1,9}") && pids.contains(Integer.valueOf(pid));
            if (ours) {
                rows.add(row(fields, titles.size()));
            }
        }
        return new Processes(titles, rows);
    }

    private static List<String> fields(String line) {
        return Arrays.stream(line.split("[ \t\f\r\n]+"))
                .filter(field -> !field.isEmpty())
                .toList();
    }

    /** What is more than there are titles is the command line, with one blank between its words. */
    private static List<String> row(List<String> fields, int titles) {
        if (fields.size() <= titles) {
            return fields;
        }
        List<String> row = new ArrayList<>(fields.subList(0, titles - 1));
        row.add(String.join(" ", fields.subList(titles - 1, fields.size())));
        return row;
    }
}
