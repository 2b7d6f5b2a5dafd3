package dev.gantry.container.state;

import java.time.Instant;

/**
 * What a container is doing. A transition is a method, there only where it is allowed; all but {@link Removing} come
 * from the host's reports.
 */
public sealed interface ContainerState {
    /** Docker's word. */
    String word();

    /** What {@code inspect} tells in every state. */
    History history();

    /** States in which no process runs and one may be started. */
    sealed interface Startable extends ContainerState permits Created, Exited, Dead, Restarting {
        default Running started(Instant at, int pid, int restartCount) {
            return new Running(history().started(at, restartCount), pid);
        }

        /** The start did not come about; what the state was remains, with the reason. */
        Startable failed(int exitCode, String error);
    }

    /** States in which the main process exists, or is about to again. */
    sealed interface Alive extends ContainerState permits Running, Paused, Restarting {
        default Exited exited(Exit exit) {
            return new Exited(history().finished(exit));
        }

        default Restarting exitedForRestart(Exit exit) {
            return new Restarting(history().finished(exit));
        }
    }

    /** How the main process ended. */
    record Exit(Instant at, int code, boolean oomKilled, String error) {}

    record Created(History history) implements Startable {
        @Override
        public String word() {
            return "created";
        }

        @Override
        public Created failed(int exitCode, String error) {
            return new Created(history.failed(exitCode, error));
        }
    }

    record Running(History history, int pid) implements Alive {
        @Override
        public String word() {
            return "running";
        }

        public Paused paused() {
            return new Paused(history, pid);
        }
    }

    record Paused(History history, int pid) implements Alive {
        @Override
        public String word() {
            return "paused";
        }

        public Running unpaused() {
            return new Running(history, pid);
        }
    }

    /** Ended, and waiting for its restart policy to start it again. */
    record Restarting(History history) implements Alive, Startable {
        @Override
        public String word() {
            return "restarting";
        }

        @Override
        public Exited failed(int exitCode, String error) {
            return new Exited(history.failed(exitCode, error));
        }
    }

    record Exited(History history) implements Startable {
        @Override
        public String word() {
            return "exited";
        }

        @Override
        public Exited failed(int exitCode, String error) {
            return new Exited(history.failed(exitCode, error));
        }
    }

    /** Its host lost it. */
    record Dead(History history) implements Startable {
        @Override
        public String word() {
            return "dead";
        }

        @Override
        public Dead failed(int exitCode, String error) {
            return new Dead(history.failed(exitCode, error));
        }
    }

    /** A removal is under way; {@code before} is what the host last reported. */
    record Removing(ContainerState before) implements ContainerState {
        @Override
        public String word() {
            return "removing";
        }

        @Override
        public History history() {
            return before.history();
        }
    }
}
