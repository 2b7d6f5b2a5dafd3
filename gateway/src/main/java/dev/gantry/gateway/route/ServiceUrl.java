package dev.gantry.gateway.route;

import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;

/** Where a service listens: {@code http://host:port}, {@code https://host:port} or {@code unix:///path}. */
public record ServiceUrl(SocketAddress address, String host, int port, boolean tls) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** @throws IllegalArgumentException for any other form */
    public static ServiceUrl parse(String text) {
        URI uri = URI.create(text);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        return switch (scheme) {
            case "unix" -> new ServiceUrl(SocketAddress.domainSocketAddress(uri.getPath()), "localhost", HTTP, false);
            case "http" -> inet(uri, HTTP, false);
            case "https" -> inet(uri, HTTPS, true);
            default -> throw new IllegalArgumentException("not the address of a service: " + text);
        };
    }

    private static ServiceUrl inet(URI uri, int standardPort, boolean tls) {
        int port = uri.getPort() < 0 ? standardPort : uri.getPort();
        return new ServiceUrl(SocketAddress.inetSocketAddress(port, uri.getHost()), uri.getHost(), port, tls);
    }

    RequestOptions options() {
        return new RequestOptions()
                .setServer(address)
                .setHost(host)
                .setPort(port)
                .setSsl(tls);
    }
}
