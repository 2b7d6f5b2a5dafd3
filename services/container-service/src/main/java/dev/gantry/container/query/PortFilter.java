package dev.gantry.container.query;

import dev.gantry.engine.EngineError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A value of the filters {@code expose} and {@code publish}: {@code 80}, {@code 80/udp} or {@code 8000-8010/tcp}. */
record PortFilter(int first, int last, String protocol) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");

    static PortFilter parse(String key, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new EngineError.BadParameter("error while looking up for " + key + " " + text + ": invalid port");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        return new PortFilter(first, last, matcher.group(3) == null ? "tcp" : matcher.group(3));
    }

    boolean matches(int port, String portProtocol) {
        return port >= first && port <= last && protocol.equals(portProtocol);
    }
}
