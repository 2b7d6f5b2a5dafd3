package dev.gantry.container.state;

/** The column {@code observed} as a state, and back. */
public final class ObservedState {
    private ObservedState() {}

    public static ContainerState of(String word, History history, int pid) {
        return switch (word) {
            case "created" -> new ContainerState.Created(history);
            case "running" -> new ContainerState.Running(history, pid);
            case "paused" -> new ContainerState.Paused(history, pid);
            case "restarting" -> new ContainerState.Restarting(history);
            case "exited" -> new ContainerState.Exited(history);
            case "dead" -> new ContainerState.Dead(history);
            default -> throw new IllegalStateException("unknown observed state " + word);
        };
    }

    static int pid(ContainerState state) {
        return switch (state) {
            case ContainerState.Running running -> running.pid();
            case ContainerState.Paused paused -> paused.pid();
            default -> 0;
        };
    }
}
