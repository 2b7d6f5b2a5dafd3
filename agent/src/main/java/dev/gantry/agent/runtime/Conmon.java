package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.ExecFiles;
import dev.gantry.agent.host.HostThreads;
import dev.gantry.agent.linux.FileCreation;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.linux.Spawn;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Starts conmon(8), one for each container and each exec. It runs the OCI runtime, outlives this process, keeps the log,
 * serves the attach socket and leaves the exit code in a file. It tells us the container's pid, or what the runtime
 * complained of, as one JSON line on a pipe.
 */
@ApplicationScoped
public class Conmon {
    /** A runtime that takes longer is stuck: an unreachable network filesystem, a frozen cgroup. */
    private static final long CREATE_TIMEOUT_MILLIS = 120_000;

    private final Path program;
    private final AgentFiles files;
    private final SupervisorsGroup group;
    private final ObjectMapper json;

    public Conmon(AgentFiles files, SupervisorsGroup group, ObjectMapper json) {
        this.files = files;
        this.group = group;
        this.json = json;
        this.program = Programs.find("conmon")
                .orElseThrow(() -> new IllegalStateException("conmon is not installed on this host"));
    }

    /** A container that is created: its process waits to be let go by {@link OciRuntime#start}. */
    public record Created(int pid, long pidStart, int conmonPid, long conmonStart) {}

    /**
     * Has the runtime create a container from the bundle in {@code container.bundle()}.
     *
     * @throws AgentFailure with what the runtime complained of; conmon has ended then
     */
    public Created create(OciRuntime runtime, ContainerSpec spec, ContainerFiles container) throws IOException {
        try (RuntimeCommand.Prepared prepared = runtime.command().prepare()) {
            return create(runtime, prepared, spec, container);
        }
    }

    private Created create(
            OciRuntime runtime, RuntimeCommand.Prepared prepared, ContainerSpec spec, ContainerFiles container)
            throws IOException {
        List<String> command =
                common(runtime, prepared, spec.id(), container.bundle(), container.pid(), container.conmonPid());
        command.addAll(List.of("--exit-dir", files.exits().toString(), "--full-attach", "--no-sync-log"));
        boolean keepsLog = !"none".equals(spec.log().driver());
        command.addAll(List.of("--log-path", keepsLog ? "k8s-file:" + container.log() : "none"));
        ContainerSpec.ProcessSpec process = spec.process();
        if (process.tty()) {
            command.add("--terminal");
        }
        if (process.stdin()) {
            command.add("--stdin");
        }
        // A terminal's input stays open for the next client: one that vanished without detaching must not end the
        // shell.
        if (!process.stdinOnce() || process.tty()) {
            command.add("--leave-stdin-open");
        }
        int pid = start(command, container.bundle(), line -> {
            throw RuntimeErrors.ofCreate(runtime.name(), line, process.args().getFirst());
        });
        int conmonPid = Integer.parseInt(Files.readString(container.conmonPid()).strip());
        return new Created(pid, Signals.startTime(pid), conmonPid, Signals.startTime(conmonPid));
    }

    /**
     * A program that is to run in a running container; close it when that is settled.
     */
    public final class Exec implements AutoCloseable {
        private final Spawn.Child child;
        private final List<String> args;

        private Exec(Spawn.Child child, List<String> args) {
            this.child = child;
            this.args = args;
        }

        /** For attached ones, once clients are connected: lets the runtime start the program. */
        public void release() throws IOException {
            HostThreads.call(() -> {
                child.signal();
                return null;
            });
        }

        /**
         * The program's pid in the host's namespace.
         *
         * @throws AgentFailure with what the runtime complained of
         */
        public int pid() throws IOException {
            return answer(child, message -> {
                throw RuntimeErrors.ofExec(message, args.getFirst());
            });
        }

        @Override
        public void close() {
            child.close();
        }

        private void awaitAttachable() throws IOException {
            HostThreads.call(() -> {
                child.signal();
                return child.readNotice();
            });
        }
    }

    /**
     * Has the runtime start a program in a running container: at once, or, when attached, once {@link Exec#release} says
     * that the clients are connected.
     *
     * @param directory of this exec alone, with {@code process.json}
     */
    public Exec exec(OciRuntime runtime, String containerId, ExecFiles directory, ContainerOperations.ExecSpec spec)
            throws IOException {
        List<String> command = execCommand(runtime, containerId, directory, spec);
        Exec exec = new Exec(spawn(command, directory.root(), !spec.detach()), spec.args());
        try {
            if (!spec.detach()) {
                exec.awaitAttachable();
            }
            return exec;
        } catch (IOException | RuntimeException e) {
            exec.close();
            throw e;
        }
    }

    private List<String> execCommand(
            OciRuntime runtime, String containerId, ExecFiles directory, ContainerOperations.ExecSpec spec) {
        List<String> command = common(
                runtime,
                runtime.command().unprepared(),
                containerId,
                directory.root(),
                directory.pid(),
                directory.conmonPid());
        command.addAll(
                List.of("--exec", "--exec-process-spec", directory.process().toString()));
        command.addAll(List.of("--exit-dir", directory.exits().toString(), "--full-attach", "--no-sync-log"));
        command.addAll(List.of("--log-path", "none"));
        if (spec.tty()) {
            command.add("--terminal");
        }
        if (spec.stdin()) {
            command.add("--stdin");
        }
        if (!spec.detach()) {
            command.add("--exec-attach");
        }
        return command;
    }

    private List<String> common(
            OciRuntime runtime,
            RuntimeCommand.Prepared prepared,
            String id,
            Path bundle,
            Path pidFile,
            Path conmonPidFile) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of("--api-version", "1", "--cid", id, "--cuuid", id, "--name", id));
        command.addAll(List.of("--runtime", prepared.words().getFirst()));
        Stream.concat(prepared.words().stream().skip(1), runtime.globalArguments().stream())
                .forEach(argument -> command.addAll(List.of("--runtime-arg", argument)));
        command.addAll(List.of("--bundle", bundle.toString()));
        command.addAll(List.of("--container-pidfile", pidFile.toString()));
        command.addAll(List.of("--conmon-pidfile", conmonPidFile.toString()));
        command.addAll(List.of("--log-level", "error"));
        return command;
    }

    private interface Complaint {
        void raise(String message);
    }

    private int start(List<String> command, Path directory, Complaint complaint) throws IOException {
        try (Spawn.Child child = spawn(command, directory, false)) {
            return answer(child, complaint);
        }
    }

    private Spawn.Child spawn(List<String> command, Path directory, boolean conversation) throws IOException {
        List<String> environment = new ArrayList<>(Programs.ENVIRONMENT);
        environment.add("_OCI_SYNCPIPE=" + Spawn.PIPE_FD);
        if (conversation) {
            environment.add("_OCI_STARTPIPE=" + Spawn.SIGNAL_FD);
            environment.add("_OCI_ATTACHPIPE=" + Spawn.NOTICE_FD);
        }
        Spawn.Pipe pipe = conversation ? Spawn.Pipe.CONVERSATION : Spawn.Pipe.DESCRIPTOR;
        List<String> grouped = group.in(command);
        return HostThreads.call(() -> FileCreation.asUsual(() -> Spawn.start(grouped, environment, directory, pipe)));
    }

    /** The pid that conmon sends when the runtime has done its work. */
    private int answer(Spawn.Child child, Complaint complaint) throws IOException {
        String line;
        int exitCode;
        try {
            line = HostThreads.call(child::readLine, CREATE_TIMEOUT_MILLIS);
            // The process we started forks at once and ends; what stays is its child.
            exitCode = HostThreads.call(child::waitFor);
        } catch (TimeoutException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "the OCI runtime did not answer within two minutes", e);
        }
        if (line == null) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "conmon ended without an answer, exit code " + exitCode);
        }
        JsonNode answer = json.readTree(line);
        int pid = answer.path("data").asInt(-1);
        if (pid <= 0) {
            complaint.raise(answer.path("message").asText("no reason given"));
        }
        return pid;
    }
}
