package dev.gantry.agent.api;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words for a port that a host cannot give: a {@link AgentFailure.Code#PORT_IN_USE} failure, or one of an address that it
 * does not have. The same as Docker's after {@code driver failed programming external connectivity on endpoint NAME (ID): },
 * which the service puts before them.
 */
public final class PortTaken {
    private static final Pattern WORDS = Pattern.compile("listen \\w+ \\S*:(\\d{1,5}): ");

    private PortTaken() {}

    /** @param reason as Go words it: {@code address already in use} */
    public static String message(PublishedPort port, String reason) {
        boolean ipv6 = port.hostIp().indexOf(':') >= 0;
        String address = port.hostIp().isEmpty() ? "0.0.0.0" : ipv6 ? "[" + port.hostIp() + "]" : port.hostIp();
        return "Error starting userland proxy: listen %s%s %s:%d: bind: %s"
                .formatted(port.protocol(), ipv6 ? "6" : "4", address, port.hostPort(), reason);
    }

    /** The same, or another message about a port, behind the words that name whose it was to be. */
    public static String about(String containerName, String endpointId, String message) {
        return "driver failed programming external connectivity on endpoint %s (%s): %s"
                .formatted(containerName, endpointId, message);
    }

    /** The port that a {@link #message} is about. */
    public static OptionalInt port(String message) {
        Matcher matcher = WORDS.matcher(message);
        return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }
}
