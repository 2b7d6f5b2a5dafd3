package dev.gantry.agent.api.stream;

import io.vertx.core.net.SocketAddress;
import java.net.URI;

/**
 * Where an agent or a service listens.
 *
 * @param address unix socket or host and port
 * @param tls whether the connection is encrypted, with certificates on both sides
 * @param host for the {@code Host} header and the certificate's name
 */
public record Target(SocketAddress address, boolean tls, String host) {
    private static final String UNIX = "unix://";

    /**
     * Reads {@code unix:///path}, {@code http://host:port} or {@code https://host:port}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Target parse(String url) {
        if (url.startsWith(UNIX)) {
            return new Target(SocketAddress.domainSocketAddress(url.substring(UNIX.length())), false, "localhost");
        }
        URI uri = URI.create(url);
        boolean tls = "https".equals(uri.getScheme());
        if (uri.getHost() == null || !tls && !"http".equals(uri.getScheme())) {
            throw new IllegalArgumentException("not an address of an agent or a service: " + url);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        return new Target(SocketAddress.inetSocketAddress(port, uri.getHost()), tls, uri.getHost());
    }

    /** What to say when no connection could be made. Netty leaves the message out where there is no socket file. */
    public String unreachable(Throwable reason) {
        String why = reason.getMessage() == null ? reason.getClass().getSimpleName() : reason.getMessage();
        return address + " cannot be reached: " + why;
    }
}
