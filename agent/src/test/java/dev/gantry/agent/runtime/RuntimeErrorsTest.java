package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentFailure.Code;
import org.junit.jupiter.api.Test;

class RuntimeErrorsTest {
    private static final String TASK =
            "failed to create task for container: failed to create shim task: OCI runtime create failed: ";

    @Test
    void crun_misses_a_program() {
        AgentFailure failure = RuntimeErrors.ofCreate(
                "crun", "executable file `nosuch` not found in $PATH: No such file or directory\n", "nosuch");

        assertEquals(Code.COMMAND_NOT_FOUND, failure.code());
        assertEquals(
                TASK + "crun create failed: unable to start container process: exec: \"nosuch\": executable file not"
                        + " found in $PATH: unknown",
                failure.getMessage());
    }

    @Test
    void crun_may_not_execute_a_program() {
        AgentFailure failure = RuntimeErrors.ofCreate("crun", "open executable: Permission denied\n", "/etc/passwd");

        assertEquals(Code.COMMAND_NOT_EXECUTABLE, failure.code());
        assertEquals(
                TASK
                        + "crun create failed: unable to start container process: exec: \"/etc/passwd\": permission denied:"
                        + " unknown",
                failure.getMessage());
    }

    @Test
    void runc_misses_a_program() {
        AgentFailure failure = RuntimeErrors.ofCreate(
                "runc",
                "time=\"2026-01-01T00:00:00Z\" level=error msg=\"runc create failed: unable to start container process:"
                        + " exec: \\\"nosuch\\\": executable file not found in $PATH\"\n",
                "nosuch");

        assertEquals(Code.COMMAND_NOT_FOUND, failure.code());
        assertEquals(
                TASK + "runc create failed: unable to start container process: exec: \"nosuch\": executable file not"
                        + " found in $PATH: unknown",
                failure.getMessage());
    }

    @Test
    void another_complaint_is_passed_on() {
        AgentFailure failure = RuntimeErrors.ofCreate("crun", "mount `x` to `y`: Invalid argument\n", "true");

        assertEquals(Code.INTERNAL, failure.code());
        assertEquals(TASK + "crun create failed: mount `x` to `y`: Invalid argument: unknown", failure.getMessage());
    }
}
