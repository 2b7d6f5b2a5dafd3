package dev.gantry.image.registry;

import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.image.reference.Reference;
import java.net.URI;
import java.util.List;

/**
 * Where a registry is.
 *
 * @param candidates base addresses, to be tried in this order
 * @param insecure any certificate will do, and plain HTTP
 */
record RegistryEndpoint(List<URI> candidates, boolean insecure) {
    private static final String HUB = "registry-1.docker.io";

    static String authority(Reference reference) {
        return reference.domain().equals(Reference.DEFAULT_DOMAIN) ? HUB : reference.domain();
    }

    /**
     * On this machine plain HTTP comes first: most registries there speak nothing else, and a TLS greeting can make such a
     * server wait for more.
     */
    static RegistryEndpoint of(String authority, boolean insecure) {
        URI secure = URI.create("https://" + authority);
        URI plain = URI.create("http://" + authority);
        if (!insecure) {
            return new RegistryEndpoint(List.of(secure), false);
        }
        return new RegistryEndpoint(
                RegistrySettings.isLocal(authority) ? List.of(plain, secure) : List.of(secure, plain), true);
    }

    static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return "https".equals(url.getScheme()) ? 443 : 80;
    }
}
