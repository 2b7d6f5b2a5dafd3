package dev.gantry.agent.api.stream;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/** A client's wish for a websocket (RFC 6455, section 4.2), read and refused as golang.org/x/net/websocket does. */
public final class WebSocketHandshake {
    static final String PROTOCOL = "websocket";
    static final String ACCEPT = "Sec-WebSocket-Accept";
    static final String SUBPROTOCOL = "Sec-WebSocket-Protocol";

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String VERSION = "13";

    private WebSocketHandshake() {}

    /** Why it is no such wish, in one line without more. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final boolean version;

        Refused(String message, boolean version) {
            super(message);
            this.version = version;
        }

        /** Whether the client is to be told which version would do. */
        public boolean isVersion() {
            return version;
        }
    }

    /** @throws Refused when the request asks for no websocket, or not as it should */
    public static void check(MultiMap headers) {
        if (!isAsked(headers)) {
            throw new Refused("not websocket protocol", false);
        }
        String key = headers.get("Sec-WebSocket-Key");
        if (key == null || key.isEmpty()) {
            throw new Refused("mismatch challenge/response", false);
        }
        if (!VERSION.equals(headers.get("Sec-WebSocket-Version"))) {
            throw new Refused("missing or bad WebSocket Version", true);
        }
        String protocols = headers.get(SUBPROTOCOL);
        if (protocols != null && protocols.indexOf(',') >= 0) {
            // Nobody here could choose.
            throw new Refused("", false);
        }
    }

    /** Whether a request asks for one, rightly or not. */
    static boolean isAsked(MultiMap headers) {
        String upgrade = headers.get("Upgrade");
        String connection = headers.get("Connection");
        return PROTOCOL.equalsIgnoreCase(upgrade)
                && connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade");
    }

    /** What the answer says of the client's key. */
    static String accept(MultiMap headers) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((headers.get("Sec-WebSocket-Key").strip() + MAGIC).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
