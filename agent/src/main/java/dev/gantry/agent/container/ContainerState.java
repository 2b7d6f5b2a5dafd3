package dev.gantry.agent.container;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.gantry.agent.host.BootId;
import dev.gantry.agent.linux.Signals;
import java.time.Instant;

/**
 * Where a container stands, as kept on disk. A transition is a method, and only on the states that allow it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ContainerState.Created.class, name = "created"),
    @JsonSubTypes.Type(value = ContainerState.Starting.class, name = "starting"),
    @JsonSubTypes.Type(value = ContainerState.Running.class, name = "running"),
    @JsonSubTypes.Type(value = ContainerState.Exited.class, name = "exited")
})
sealed interface ContainerState {
    /** How many times the restart policy has started it since the last start by command. */
    int restartCount();

    /** Never started. */
    record Created() implements ContainerState {
        @Override
        @JsonIgnore
        public int restartCount() {
            return 0;
        }
    }

    /**
     * The main process and its supervisor, each named by pid and start time.
     *
     * @param bootId which run of the kernel the numbers belong to
     */
    record Processes(int pid, long pidStart, int conmonPid, long conmonStart, String bootId) {
        boolean conmonRuns() {
            return bootId.equals(BootId.CURRENT) && Signals.alive(conmonPid, conmonStart);
        }
    }

    /** Written just before the process is let go: an agent that finds it asks the runtime whether it was. */
    record Starting(Processes processes, int restartCount, String networkNamespace) implements ContainerState {
        Running started(Instant at) {
            return new Running(processes, at, restartCount, false, networkNamespace);
        }
    }

    record Running(Processes processes, Instant startedAt, int restartCount, boolean paused, String networkNamespace)
            implements ContainerState {
        Running pause(boolean now) {
            return new Running(processes, startedAt, restartCount, now, networkNamespace);
        }

        Exited exited(int exitCode, boolean oomKilled, Instant at, boolean restarting) {
            return new Exited(exitCode, oomKilled, startedAt, at, restartCount, restarting, "");
        }
    }

    /**
     * @param startedAt of the run that ended
     * @param restarting whether the restart policy will start it again
     * @param error why the last start failed; empty otherwise
     */
    record Exited(
            int exitCode,
            boolean oomKilled,
            Instant startedAt,
            Instant at,
            int restartCount,
            boolean restarting,
            String error)
            implements ContainerState {
        Exited resting() {
            return new Exited(exitCode, oomKilled, startedAt, at, restartCount, false, error);
        }
    }
}
