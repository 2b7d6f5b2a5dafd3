package dev.gantry.image.registry;

import dev.gantry.image.reference.Reference;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a registry is.
 *
 * @param authority host and port
 * @param insecure on this machine: any certificate will do, and plain HTTP
 */
record RegistryEndpoint(String authority, boolean insecure) {
    private static final String HUB = "registry-1.docker.io";
    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d+)?");

    static RegistryEndpoint of(Reference reference) {
        String authority = reference.domain().equals(Reference.DEFAULT_DOMAIN) ? HUB : reference.domain();
        return new RegistryEndpoint(authority, LOOPBACK.matcher(authority).matches());
    }

    /**
     * Base addresses, to be tried in this order. On this machine plain HTTP comes first: most registries there speak
     * nothing else, and a TLS greeting can make such a server wait for more.
     */
    List<URI> candidates() {
        URI secure = URI.create("https://" + authority);
        return insecure ? List.of(URI.create("http://" + authority), secure) : List.of(secure);
    }

    static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return "https".equals(url.getScheme()) ? 443 : 80;
    }
}
