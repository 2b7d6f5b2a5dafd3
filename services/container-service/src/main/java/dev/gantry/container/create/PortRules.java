package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.PortBinding;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports as clients write them: {@code 80/tcp}, and {@code 8080} or {@code 8000-8010} on the host. */
public final class PortRules {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");
    private static final int MAX = 65535;

    private PortRules() {}

    static void checkBindings(Map<String, List<PortBinding>> bindings) {
        bindings.forEach((port, wanted) -> {
            checkPort(port);
            if (wanted != null) {
                wanted.forEach(PortRules::checkBinding);
            }
        });
    }

    /** Checks {@code port[/protocol]} or {@code first-last[/protocol]} of a container. */
    static void checkPort(String text) {
        String[] parts = text.split("/", 2);
        range(parts[0], 1);
        if (parts.length == 2 && !PROTOCOLS.contains(parts[1])) {
            throw new EngineError.BadParameter("invalid proto: " + parts[1]);
        }
    }

    private static void checkBinding(PortBinding binding) {
        if (!binding.hostPort().isEmpty()) {
            // 0 leaves the choice to the host, as an empty one does.
            range(binding.hostPort(), 0);
        }
        if (!binding.hostIp().isEmpty() && !isAddress(binding.hostIp())) {
            throw new EngineError.BadParameter("invalid IP address: " + binding.hostIp());
        }
    }

    private static void range(String text, int lowest) {
        Matcher matcher = RANGE.matcher(text);
        boolean valid = matcher.matches();
        if (valid) {
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            valid = first >= lowest && first <= last && last <= MAX;
        }
        if (!valid) {
            throw new EngineError.BadParameter("invalid port specification: \"" + text + "\"");
        }
    }

    /** A literal IPv4 or IPv6 address; never looks a name up. */
    static boolean isAddress(String text) {
        if (text.indexOf(':') >= 0) {
            return text.matches("\\[?[0-9a-fA-F:.%a-z]+]?");
        }
        String[] bytes = text.split("\\.", -1);
        if (bytes.length != 4) {
            return false;
        }
        for (String part : bytes) {
            if (!part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }
}
