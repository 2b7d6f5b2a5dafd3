package dev.gantry.container.create;

import dev.gantry.engine.EngineError;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a log driver sends lines. What is no address is told in the words of dockerd and of Go's {@code net/url}.
 *
 * @param network the scheme; empty for the host's own
 * @param address {@code host:port}, or a path
 */
record LogAddress(String network, String address) {
    private static final Pattern URL =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(//([^/?#]*))?([^?#]*)(.*)", Pattern.DOTALL);
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2}).{0,2}", Pattern.DOTALL);
    private static final Pattern BAD_IN_HOST = Pattern.compile("[ \"<>\\\\^`{|}]");
    private static final Pattern PORT = Pattern.compile("(:[^:\\]]*)$");

    private record Parts(String scheme, String host, String path) {}

    static LogAddress ofSyslog(String text) {
        if (text.isEmpty()) {
            return new LogAddress("", "");
        }
        Parts parts = parse(text);
        if (parts.scheme().startsWith("unix") && Set.of("unix", "unixgram").contains(parts.scheme())) {
            return new LogAddress(parts.scheme(), parts.path());
        }
        if (!Set.of("udp", "tcp", "tcp+tls").contains(parts.scheme())) {
            throw new EngineError.BadParameter("unsupported scheme: '" + parts.scheme() + "'");
        }
        return new LogAddress(parts.scheme(), hasPort(parts.host()) ? parts.host() : parts.host() + ":514");
    }

    static LogAddress ofGelf(String text) {
        if (text.isEmpty()) {
            throw new EngineError.BadParameter("gelf-address is a required parameter");
        }
        Parts parts = parse(text);
        if (!Set.of("udp", "tcp").contains(parts.scheme())) {
            throw new EngineError.BadParameter("gelf: endpoint needs to be TCP or UDP");
        }
        if (!hasPort(parts.host())) {
            throw new EngineError.BadParameter("gelf: please provide gelf-address as proto://host:port");
        }
        return new LogAddress(parts.scheme(), parts.host());
    }

    static LogAddress ofFluentd(String text) {
        if (text.isEmpty()) {
            return new LogAddress("tcp", "127.0.0.1:24224");
        }
        try {
            return fluentd(parse(text.contains("://") ? text : "tcp://" + text));
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter("invalid fluentd-address (" + text + "): " + e.getMessage());
        }
    }

    private static LogAddress fluentd(Parts parts) {
        if (parts.scheme().equals("unix")) {
            if (parts.path().replace("/", "").isEmpty()) {
                throw new EngineError.BadParameter("path is empty");
            }
            return new LogAddress("unix", parts.path());
        }
        if (!Set.of("tcp", "tls").contains(parts.scheme())) {
            throw new EngineError.BadParameter("unsupported scheme: '" + parts.scheme() + "'");
        }
        if (!parts.path().isEmpty()) {
            throw new EngineError.BadParameter("should not contain a path element");
        }
        Matcher port = PORT.matcher(parts.host());
        boolean given = port.find();
        String host = given ? parts.host().substring(0, port.start()) : parts.host();
        String number = given ? port.group(1).substring(1) : "";
        if (!number.isEmpty() && (number.length() > 5 || Integer.parseInt(number) > 65535)) {
            throw new EngineError.BadParameter(
                    "invalid port: strconv.ParseUint: parsing \"" + number + "\": value out of range");
        }
        return new LogAddress(
                parts.scheme(), (host.isEmpty() ? "127.0.0.1" : host) + ":" + (number.isEmpty() ? "24224" : number));
    }

    private static boolean hasPort(String host) {
        return PORT.matcher(host).find();
    }

    private static Parts parse(String text) {
        Matcher url = URL.matcher(text);
        String prefix = "parse \"" + text.replace("\"", "\\\"") + "\": ";
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new EngineError.BadParameter(prefix + "net/url: invalid control character in URL");
        }
        if (!url.matches()) {
            if (text.startsWith(":")) {
                throw new EngineError.BadParameter(prefix + "missing protocol scheme");
            }
            int slash = text.indexOf('/');
            int colon = text.indexOf(':');
            if (colon >= 0 && (slash < 0 || colon < slash)) {
                throw new EngineError.BadParameter(prefix + "first path segment in URL cannot contain colon");
            }
            return new Parts("", "", text);
        }
        String host =
                url.group(3) == null ? "" : url.group(3).substring(url.group(3).lastIndexOf('@') + 1);
        Matcher escape = BAD_ESCAPE.matcher(host);
        if (escape.find()) {
            throw new EngineError.BadParameter(prefix + "invalid URL escape \"" + escape.group() + "\"");
        }
        checkPort(host, prefix);
        Matcher bad = BAD_IN_HOST.matcher(host);
        if (bad.find()) {
            throw new EngineError.BadParameter(prefix + "invalid character \"" + bad.group() + "\" in host name");
        }
        return new Parts(url.group(1).toLowerCase(java.util.Locale.ROOT), host, url.group(4));
    }

    private static void checkPort(String host, String prefix) {
        if (host.startsWith("[") && host.indexOf(']') < 0) {
            throw new EngineError.BadParameter(prefix + "missing ']' in host");
        }
        Matcher port = PORT.matcher(host);
        if (port.find() && !port.group(1).substring(1).matches("[0-9]*")) {
            throw new EngineError.BadParameter(prefix + "invalid port \"" + port.group(1) + "\" after host");
        }
    }
}
