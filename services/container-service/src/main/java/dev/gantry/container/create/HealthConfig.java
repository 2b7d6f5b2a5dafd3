package dev.gantry.container.create;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.json.RequestJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The API's {@code HealthConfig}. Times are in nanoseconds; 0, as an empty test, means that the image decides, and else the
 * default.
 *
 * @param test {@code NONE}, {@code CMD} or {@code CMD-SHELL} and what belongs to it
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
record HealthConfig(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> test,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long interval,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long timeout,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long startPeriod,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long startInterval,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long retries) {

    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final long INTERVAL = Duration.ofSeconds(30).toNanos();
    private static final long TIMEOUT = Duration.ofSeconds(30).toNanos();
    private static final long START_INTERVAL = Duration.ofSeconds(5).toNanos();
    private static final int RETRIES = 3;
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    /** @throws EngineError.BadParameter as Go's decoder says it */
    static HealthConfig of(JsonNode json) {
        return RequestJson.convert(json, HealthConfig.class);
    }

    JsonNode json() {
        return StoredJson.tree(this);
    }

    /** In dockerd's words and order. */
    void check() {
        atLeastMillisecond(interval, "Interval");
        atLeastMillisecond(timeout, "Timeout");
        if (retries < 0) {
            throw new EngineError.BadParameter("Retries in Healthcheck cannot be negative");
        }
        atLeastMillisecond(startPeriod, "StartPeriod");
        atLeastMillisecond(startInterval, "StartInterval");
    }

    private static void atLeastMillisecond(long nanoseconds, String field) {
        if (nanoseconds != 0 && nanoseconds < MILLISECOND) {
            throw new EngineError.BadParameter(field + " in Healthcheck cannot be less than 1ms");
        }
    }

    /** Clients before 1.44 cannot ask for it. */
    HealthConfig withoutStartInterval() {
        return new HealthConfig(test, interval, timeout, startPeriod, 0, retries);
    }

    HealthConfig over(HealthConfig image) {
        return new HealthConfig(
                test == null || test.isEmpty() ? image.test : test,
                either(interval, image.interval),
                either(timeout, image.timeout),
                either(startPeriod, image.startPeriod),
                either(startInterval, image.startInterval),
                either(retries, image.retries));
    }

    /**
     * What the host does of it; null for nothing, as dockerd also takes a kind of test that it does not know.
     *
     * @param shell the container's, empty for the default
     */
    ContainerSpec.HealthSpec spec(List<String> shell) {
        if (test == null || test.isEmpty()) {
            return null;
        }
        List<String> words = test.subList(1, test.size());
        return switch (test.getFirst()) {
            case "CMD" -> spec(words, List.of());
            case "CMD-SHELL" -> spec(words, shell.isEmpty() ? SHELL : shell);
            default -> null;
        };
    }

    /** Within bounds, since what an image says was never checked. */
    private ContainerSpec.HealthSpec spec(List<String> words, List<String> before) {
        List<String> command = new ArrayList<>(before);
        command.addAll(words);
        return new ContainerSpec.HealthSpec(
                command,
                Math.max(either(interval, INTERVAL), MILLISECOND),
                Math.max(either(timeout, TIMEOUT), MILLISECOND),
                Math.max(startPeriod, 0),
                Math.max(either(startInterval, START_INTERVAL), MILLISECOND),
                retries <= 0 ? RETRIES : retries);
    }

    private static long either(long given, long otherwise) {
        return given == 0 ? otherwise : given;
    }
}
