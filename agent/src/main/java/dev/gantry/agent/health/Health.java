package dev.gantry.agent.health;

import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import java.time.Duration;

/**
 * What checks have found of a container so far, as dockerd judges it (moby, daemon/health.go).
 *
 * @param failingStreak failures in a row that counted
 */
public record Health(Status status, long failingStreak) {
    /** At each start of a container. */
    public static final Health STARTING = new Health(Status.STARTING, 0);

    public enum Status {
        STARTING("starting"),
        HEALTHY("healthy"),
        UNHEALTHY("unhealthy");

        private final String word;

        Status(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** Of a container that is paused or has ended, so that nobody checks it. */
    public Health unchecked() {
        return new Health(Status.UNHEALTHY, failingStreak);
    }

    /** @param age of the container's run when the check began */
    public Health after(boolean success, Duration age, HealthSpec spec) {
        if (success) {
            return new Health(Status.HEALTHY, 0);
        }
        if (status == Status.STARTING && age.compareTo(Duration.ofNanos(spec.startPeriod())) < 0) {
            return this;
        }
        long failures = failingStreak + 1;
        return new Health(failures >= spec.retries() ? Status.UNHEALTHY : status, failures);
    }

    /** Until the next check. */
    public Duration pause(Duration age, HealthSpec spec) {
        boolean often = status == Status.STARTING && age.compareTo(Duration.ofNanos(spec.startPeriod())) < 0;
        return Duration.ofNanos(often ? spec.startInterval() : spec.interval());
    }
}
