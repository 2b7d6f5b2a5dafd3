package dev.gantry.container.state;

import dev.gantry.engine.EngineError;

/** Guards of operations that need a running process. */
public final class NotRunning {
    private NotRunning() {}

    public static EngineError.Conflict error(ContainerEntity container) {
        return new EngineError.Conflict("container " + container.id + " is not running");
    }

    public static EngineError.Conflict restarting(ContainerEntity container) {
        return new EngineError.Conflict(
                "Container " + container.id + " is restarting, wait until the container is running");
    }

    /** The container, when it has a process (running or paused). */
    public static ContainerEntity check(ContainerEntity container) {
        return switch (container.state()) {
            case ContainerState.Running running -> container;
            case ContainerState.Paused paused -> container;
            case ContainerState.Restarting restarting -> throw restarting(container);
            default -> throw error(container);
        };
    }
}
