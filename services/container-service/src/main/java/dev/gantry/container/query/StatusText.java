package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.HealthRecord;
import dev.gantry.container.state.History;
import java.time.Duration;
import java.time.Instant;

/** The column STATUS of {@code docker ps}, in the words of dockerd and of go-units' {@code HumanDuration}. */
public final class StatusText {
    private StatusText() {}

    /** @param health {@code none}, {@code starting}, {@code healthy} or {@code unhealthy} */
    public static String of(ContainerState state, String health, Instant now) {
        History history = state.history();
        return switch (state) {
            case ContainerState.Created created -> "Created";
            case ContainerState.Running running -> "Up " + since(history.startedAt(), now) + health(health);
            case ContainerState.Paused paused -> "Up " + since(history.startedAt(), now) + " (Paused)";
            case ContainerState.Restarting restarting ->
                "Restarting (" + history.exitCode() + ") " + since(history.finishedAt(), now) + " ago";
            case ContainerState.Exited exited ->
                history.finishedAt() == null
                        ? ""
                        : "Exited (" + history.exitCode() + ") " + since(history.finishedAt(), now) + " ago";
            case ContainerState.Removing removing -> "Removal In Progress";
            case ContainerState.Dead dead -> "Dead";
        };
    }

    private static String health(String status) {
        return switch (status) {
            case HealthRecord.NONE -> "";
            case "starting" -> " (health: starting)";
            default -> " (" + status + ")";
        };
    }

    private static String since(Instant then, Instant now) {
        return then == null ? human(Duration.ZERO) : human(Duration.between(then, now));
    }

    static String human(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return "Less than a second";
        }
        if (seconds == 1) {
            return "1 second";
        }
        if (seconds < 60) {
            return seconds + " seconds";
        }
        long minutes = duration.toMinutes();
        if (minutes == 1) {
            return "About a minute";
        }
        if (minutes < 60) {
            return minutes + " minutes";
        }
        long hours = Math.round(duration.toMillis() / 3_600_000.0);
        if (hours == 1) {
            return "About an hour";
        }
        if (hours < 48) {
            return hours + " hours";
        }
        if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        }
        if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        }
        if (hours < 24 * 365 * 2) {
            return hours / 24 / 30 + " months";
        }
        return duration.toHours() / 24 / 365 + " years";
    }
}
