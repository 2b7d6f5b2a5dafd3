package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.linux.Spawn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An OCI runtime of this host.
 *
 * @param name by which it is asked for
 * @param crun whether it is one, whatever its name
 * @param program the runtime itself, for {@code docker info}
 * @param command how it is run
 * @param version the first line of {@code --version}
 * @param arguments of its own, before all others
 * @param root where the runtime keeps its state
 */
public record OciRuntime(
        String name,
        boolean crun,
        Path program,
        RuntimeCommand command,
        String version,
        List<String> arguments,
        Path root) {
    /** Arguments before the runtime's subcommand. */
    List<String> globalArguments() {
        List<String> all = new ArrayList<>(arguments);
        all.add("--root=" + root);
        if (crun) {
            all.add("--cgroup-manager=cgroupfs");
        }
        return all;
    }

    /** Lets a created container's process go. */
    public void start(String id) throws IOException {
        Programs.Result result = run(command.unprepared(), "start", id);
        if (!result.succeeded()) {
            throw RuntimeErrors.ofStart(name, result.output());
        }
    }

    public void pause(String id) throws IOException {
        require("pause", run(command.prepare(), "pause", id));
    }

    public void resume(String id) throws IOException {
        require("resume", run(command.prepare(), "resume", id));
    }

    /** What it is to be told of a change of limits, as {@link #update} has it in a file; null for nothing. */
    public OciSpec.Resources toldOf(LimitChange change) {
        if (!endsLimits()) {
            return change.hasLimits() ? change.limits() : null;
        }
        return change.whole();
    }

    /** Whether it takes -1 for no limit; of one that does not {@link GroupFiles#lift} does it. */
    public boolean endsLimits() {
        return !crun;
    }

    /**
     * Gives a running container other limits; what the file does not name stays.
     *
     * @param resources the OCI specification's {@code linux.resources}, as a file
     */
    public void update(String id, Path resources) throws IOException {
        require("update", run(command.prepare(), "update", "--resources", resources.toString(), id));
    }

    /** Kills what runs, and removes the runtime's state and cgroups. Does nothing when there is no such container. */
    public void delete(String id) throws IOException {
        Programs.Result result = run(command.prepare(), "delete", "--force", id);
        if (!result.succeeded()
                && !result.output().contains("does not exist")
                && !result.output().contains("No such")) {
            require("delete", result);
        }
    }

    /**
     * Removes what any runtime keeps of a container whose processes have ended: what its {@code delete} would do, without
     * a process.
     */
    public void forget(String id) {
        Disk.deleteTree(root.resolve(id));
    }

    /** Whether the container was created and its process not yet let go; both runtimes remove this fifo at start. */
    public boolean waitsForStart(String id) {
        return Files.exists(root.resolve(id).resolve("exec.fifo"));
    }

    /**
     * Runs a program in a running container. What both write is on the pipe of the runtime's process, which ends with the
     * program and has its exit code. Call from a platform thread.
     *
     * @param process the OCI process, as a file
     * @param pidFile written once the program has been started, with its pid on the host
     */
    public Spawn.Child exec(String id, Path process, Path pidFile) throws IOException {
        List<String> line = new ArrayList<>(command.unprepared().words());
        line.addAll(globalArguments());
        line.addAll(List.of("exec", "--process", process.toString(), "--pid-file", pidFile.toString(), id));
        return Spawn.start(line, Programs.ENVIRONMENT, Path.of("/"), Spawn.Pipe.OUTPUT);
    }

    Programs.Result run(RuntimeCommand.Prepared prepared, String verb, String... arguments) throws IOException {
        try (prepared) {
            List<String> line = new ArrayList<>(prepared.words());
            line.addAll(globalArguments());
            line.add(verb);
            line.addAll(List.of(arguments));
            return Programs.run(line);
        }
    }

    private void require(String verb, Programs.Result result) {
        if (!result.succeeded()) {
            throw new AgentFailure(
                    AgentFailure.Code.INTERNAL,
                    "OCI runtime " + verb + " failed: " + RuntimeErrors.text(result.output()));
        }
    }
}
