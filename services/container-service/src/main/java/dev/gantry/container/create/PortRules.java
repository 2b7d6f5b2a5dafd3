package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.PortBinding;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports as clients write them: {@code 80/tcp}, and {@code 8080} or {@code 8000-8010} on the host. */
public final class PortRules {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile("(?:" + BYTE + "\\.){3}" + BYTE);
    /** It stands in a file of lines and words. */
    private static final Pattern ZONE = Pattern.compile("[^\\s\\p{Cntrl}]+");

    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F:.]+");
    private static final int MAX = 65535;

    private PortRules() {}

    static void checkBindings(Map<String, List<PortBinding>> bindings) {
        bindings.forEach((port, wanted) -> {
            checkPort(port);
            if (port.indexOf('-') >= 0) {
                // Clients write each port of a range by itself.
                throw new EngineError.BadParameter("invalid port specification: \"" + port.split("/", 2)[0] + "\"");
            }
            if (wanted != null) {
                wanted.forEach(PortRules::checkBinding);
            }
        });
    }

    /** What is exposed is shown port by port, however few ranges it was written in, also by an image. */
    static void checkNumber(Map<String, ?> exposed) {
        long ports = exposed == null
                ? 0
                : exposed.keySet().stream()
                        .map(port -> RANGE.matcher(port.split("/", 2)[0]))
                        .filter(Matcher::matches)
                        .filter(range -> range.group(2) != null)
                        .mapToLong(
                                range -> Math.max(0, Long.parseLong(range.group(2)) - Long.parseLong(range.group(1))))
                        .sum();
        if (ports > MAX) {
            throw new EngineError.BadParameter("exposing ranges of more than " + MAX + " ports");
        }
    }

    /** Checks {@code port[/protocol]} or {@code first-last[/protocol]} of a container. */
    static void checkPort(String text) {
        String[] parts = text.split("/", 2);
        range(parts[0], 1);
        if (parts.length == 2 && !PROTOCOLS.contains(parts[1].toLowerCase(Locale.ROOT))) {
            throw new EngineError.BadParameter("invalid proto: " + parts[1]);
        }
    }

    private static void checkBinding(PortBinding binding) {
        if (!binding.hostPort().isEmpty()) {
            // 0 leaves the choice to the host, as an empty one does.
            range(binding.hostPort(), 0);
        }
        String ip = binding.hostIp();
        boolean bracketed = ip.startsWith("[") && ip.endsWith("]") && ip.indexOf(':') > 0;
        if (!ip.isEmpty() && !isAddress(bracketed ? ip.substring(1, ip.length() - 1) : ip)) {
            throw new EngineError.BadParameter("invalid IP address: " + ip);
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

    /** Whether it is an address, one of IPv6 maybe with a zone, which any word can be. */
    static boolean isNameServer(String text) {
        int zone = text.indexOf('%');
        return zone < 0
                ? isAddress(text)
                : text.lastIndexOf(':', zone) >= 0
                        && isAddress(text.substring(0, zone))
                        && ZONE.matcher(text.substring(zone + 1)).matches();
    }

    /** A literal IPv4 or IPv6 address as Go reads it: no leading zeros, brackets or zones. Never looks a name up. */
    static boolean isAddress(String text) {
        if (text.indexOf(':') < 0) {
            return IPV4.matcher(text).matches();
        }
        try {
            InetAddress.ofLiteral(text);
            return LITERAL.matcher(text).matches();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
