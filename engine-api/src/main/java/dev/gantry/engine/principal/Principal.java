package dev.gantry.engine.principal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who asks for something. Its text form is what the internal header, log lines and facts have. */
public sealed interface Principal {
    /** On every request from the gateway or another service; the gateway takes it away from what clients send. */
    String HEADER = "X-Gantry-Principal";

    Pattern LOCAL = Pattern.compile("local uid=(\\d{1,10}) gid=(\\d{1,10}) pid=(\\d{1,10})");
    Pattern CERTIFICATE = Pattern.compile("certificate ([\\x20-\\x7e]{0,2000})");
    Pattern ANONYMOUS = Pattern.compile("anonymous ([0-9a-fA-F.:%]{0,64})");

    /** In ASCII, without control characters. */
    String text();

    /** A process of this machine on a unix socket: what the kernel says of it as it was when it connected. */
    record LocalPeer(long uid, long gid, long pid) implements Principal {
        @Override
        public String text() {
            return "local uid=" + uid + " gid=" + gid + " pid=" + pid;
        }
    }

    /**
     * A client that showed a certificate of our authority.
     *
     * @param subject distinguished name, RFC 2253
     */
    record Certificate(String subject) implements Principal {
        @Override
        public String text() {
            return "certificate " + ascii(subject);
        }
    }

    /**
     * Nobody was asked: TCP without client certificates.
     *
     * @param address IP address of the peer; empty when it is not known
     */
    record Anonymous(String address) implements Principal {
        @Override
        public String text() {
            return "anonymous " + address;
        }
    }

    /** What {@link #text} was made of; empty when it is no principal. */
    static Optional<Principal> parse(String text) {
        if (text == null) {
            return Optional.empty();
        }
        Matcher local = LOCAL.matcher(text);
        if (local.matches()) {
            return Optional.of(new LocalPeer(
                    Long.parseLong(local.group(1)), Long.parseLong(local.group(2)), Long.parseLong(local.group(3))));
        }
        Matcher certificate = CERTIFICATE.matcher(text);
        if (certificate.matches()) {
            return Optional.of(new Certificate(plain(certificate.group(1))));
        }
        Matcher anonymous = ANONYMOUS.matcher(text);
        return anonymous.matches() ? Optional.of(new Anonymous(anonymous.group(1))) : Optional.empty();
    }

    /** Percent signs and all that is not printable ASCII as the escaped bytes of its UTF-8. */
    private static String ascii(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '%') {
                escaped.append((char) b);
            } else {
                escaped.append('%').append(String.format("%02X", b));
            }
        }
        return escaped.toString();
    }

    private static String plain(String escaped) {
        return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
