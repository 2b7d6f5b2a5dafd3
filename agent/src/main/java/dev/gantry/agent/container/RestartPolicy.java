package dev.gantry.agent.container;

import dev.gantry.agent.api.ContainerSpec.RestartSpec;
import dev.gantry.agent.container.ContainerState.Exited;
import java.time.Duration;

/** When a container that ended is started again, and after how long; as Docker does it. */
final class RestartPolicy {
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** A run of this length counts as success: the next wait is the shortest again. */
    private static final Duration LONG_RUN = Duration.ofSeconds(10);

    private RestartPolicy() {}

    /** @param restartCount restarts made since the last start by command */
    static boolean appliesTo(RestartSpec spec, int exitCode, int restartCount, boolean stoppedByCommand) {
        if (stoppedByCommand) {
            return false;
        }
        return switch (spec.policy() == null ? "" : spec.policy()) {
            case "always", "unless-stopped" -> true;
            case "on-failure" ->
                exitCode != 0 && (spec.maximumRetryCount() <= 0 || restartCount < spec.maximumRetryCount());
            default -> false;
        };
    }

    /** Whether a container that has been started once is to run after the host's boot. */
    static boolean startsAtBoot(RestartSpec spec, Exited last, boolean stoppedByCommand) {
        return switch (spec.policy() == null ? "" : spec.policy()) {
            case "always" -> true;
            case "unless-stopped" -> !stoppedByCommand;
            case "on-failure" -> appliesTo(spec, last.exitCode(), last.restartCount(), stoppedByCommand);
            default -> false;
        };
    }

    /** @param previous the wait before the run that ended; zero when it was started by command */
    static Duration nextWait(Duration previous, Duration lasted) {
        if (previous.isZero() || lasted.compareTo(LONG_RUN) >= 0) {
            return FIRST_WAIT;
        }
        Duration doubled = previous.multipliedBy(2);
        return doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
    }
}
