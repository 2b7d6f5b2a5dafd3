package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import io.vertx.core.http.impl.HttpUtils;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Path and query of a request, taken as leniently as Go takes them, and made such as owners' libraries insist on.
 *
 * @param path escaped, with the version, without dot segments and empty ones
 * @param query escaped; null for none
 */
record RequestTarget(String path, String query) {
    private static final Pattern WRONG_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2}).{0,2}");
    /** What may stand in a path as it is (RFC 3986), without the semicolon, behind which some see parameters. */
    private static final String IN_PATH = "/-._~!$&'()*+,=:@";

    private static final String IN_QUERY = IN_PATH + "?";

    /**
     * @param path as it was on the wire, each character a byte
     * @param query likewise; null for none
     * @throws Malformed when the path cannot be understood
     * @throws Moved when it is to be written in another way
     * @throws EngineError.BadParameter for a query that Go does not parse
     */
    static RequestTarget of(String path, String query) {
        if (!path.startsWith("/") || WRONG_ESCAPE.matcher(path).find()) {
            throw Malformed.badRequest();
        }
        String escaped = escape(path.getBytes(StandardCharsets.ISO_8859_1), IN_PATH + "%");
        if (escaped.contains("%00")) {
            throw Answers.NOT_FOUND;
        }
        String escapedQuery = query == null ? null : query(query);
        String meant = unescape(escaped);
        String clean = HttpUtils.removeDots(meant.contains("//") ? meant.replaceAll("/{2,}", "/") : meant);
        if (!clean.equals(meant)) {
            String elsewhere = escape(clean.getBytes(StandardCharsets.ISO_8859_1), IN_PATH);
            throw new Moved(query == null ? elsewhere : elsewhere + "?" + escapedQuery);
        }
        return new RequestTarget(escaped, escapedQuery);
    }

    private static String query(String query) {
        if (query.indexOf(';') >= 0) {
            throw new EngineError.BadParameter("invalid semicolon separator in query");
        }
        Matcher wrong = WRONG_ESCAPE.matcher(query);
        if (wrong.find()) {
            throw new EngineError.BadParameter("invalid URL escape \"" + wrong.group() + "\"");
        }
        return escape(query.getBytes(StandardCharsets.ISO_8859_1), IN_QUERY + "%");
    }

    /** Letters, digits and {@code legal} stay. */
    private static String escape(byte[] bytes, String legal) {
        StringBuilder escaped = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            boolean plain = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
            if (plain || legal.indexOf(b) >= 0) {
                escaped.append((char) b);
            } else {
                escaped.append('%').append(String.format("%02X", b));
            }
        }
        return escaped.toString();
    }

    /** Each character of the result is a byte. */
    private static String unescape(String escaped) {
        if (escaped.indexOf('%') < 0) {
            return escaped;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
