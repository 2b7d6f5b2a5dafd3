package dev.gantry.agent.log.remote;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Shipping;
import java.io.IOException;
import java.util.Set;

/** Opens targets by their driver's name. */
public final class LogTargets {
    private LogTargets() {}

    /**
     * Connects.
     *
     * @throws IOException in dockerd's words for a target that cannot be reached
     */
    public static LogTarget open(ContainerSpec container) throws IOException {
        return switch (container.log().driver()) {
            case "syslog" -> new SyslogTarget(container.log().shipping());
            case "journald" -> new JournaldTarget(container);
            case "fluentd" -> new FluentdTarget(container);
            case "gelf" -> new GelfTarget(container);
            default ->
                throw new IOException("no such log driver: " + container.log().driver());
        };
    }

    /** Whether a start goes on without the target: it is reached when it is there. */
    public static boolean mayBeAway(ContainerSpec container) {
        Shipping shipping = container.log().shipping();
        return container.log().driver().equals("fluentd") && FluentdTarget.isAsync(shipping.options());
    }

    public static LogTarget.Retry retry(ContainerSpec container) {
        Shipping shipping = container.log().shipping();
        return switch (container.log().driver()) {
            case "fluentd" -> FluentdTarget.retry(shipping.options());
            case "gelf" -> GelfTarget.retry(shipping);
            default -> LogTarget.Retry.ALWAYS;
        };
    }

    /** Values of Go's {@code strconv.ParseBool}. */
    static boolean truth(String text) {
        return text != null && Set.of("1", "t", "T", "true", "TRUE", "True").contains(text);
    }
}
