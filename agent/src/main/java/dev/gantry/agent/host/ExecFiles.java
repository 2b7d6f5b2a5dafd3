package dev.gantry.agent.host;

import java.nio.file.Path;

/**
 * Every path of one exec.
 *
 * @param root {@code <run>/agent/x/<first half of id>}
 */
public record ExecFiles(Path root) {
    /** What is known of the exec, for an agent that finds it running. */
    public Path state() {
        return root.resolve("exec.json");
    }

    /** The OCI process that the runtime starts. */
    public Path process() {
        return root.resolve("process.json");
    }

    public Path attachSocket() {
        return root.resolve("attach");
    }

    public Path control() {
        return root.resolve("ctl");
    }

    public Path pid() {
        return root.resolve("pid");
    }

    public Path conmonPid() {
        return root.resolve("conmon.pid");
    }

    /** Here conmon leaves a file named by the container, holding the exit code. */
    public Path exits() {
        return root.resolve("exit");
    }
}
