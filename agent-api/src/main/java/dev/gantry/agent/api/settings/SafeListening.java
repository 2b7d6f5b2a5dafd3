package dev.gantry.agent.api.settings;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** That nothing listens, or calls, in such a way that strangers could give orders: who may is root on the host. */
public final class SafeListening {
    private static final List<String> PEER_FILES =
            List.of("gantry.tls.certificate", "gantry.tls.key", "gantry.tls.authority");

    private SafeListening() {}

    /**
     * @param settings gives each key's value, empty for none
     * @throws RefusedStart with the reason, which names the setting
     */
    public static void require(UnaryOperator<String> settings) {
        requireDocker(
                settings.apply("gantry.docker.tcp"),
                settings.apply("gantry.docker.tls.cert"),
                settings.apply("gantry.docker.tls.key"),
                settings.apply("gantry.docker.tls.client-ca"),
                settings.apply("gantry.docker.tcp-insecure").equals("true"));
        requirePeers(settings);
    }

    /**
     * The Docker API over TCP.
     *
     * @param insecure whether clients without certificates are wanted, which only loopback can have
     */
    public static void requireDocker(
            String address, String certificate, String key, String authority, boolean insecure) {
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new RefusedStart("gantry.docker.tls.cert and gantry.docker.tls.key go together");
        }
        if (certificate.isEmpty() && !authority.isEmpty()) {
            throw new RefusedStart("gantry.docker.tls.client-ca needs gantry.docker.tls.cert and .key");
        }
        requireReadable("gantry.docker.tls.cert", certificate);
        requireReadable("gantry.docker.tls.key", key);
        requireReadable("gantry.docker.tls.client-ca", authority);
        if (!address.isEmpty() && authority.isEmpty() && !isLoopback(host(address))) {
            throw new RefusedStart("gantry.docker.tcp=" + address + " would make everyone who can reach it root on"
                    + " this machine: use a loopback address, or set gantry.docker.tls.cert, .key and .client-ca");
        }
        if (!address.isEmpty() && authority.isEmpty() && !insecure) {
            throw new RefusedStart(
                    "gantry.docker.tcp=" + address + " without client certificates makes every user of this"
                            + " machine root: set gantry.docker.tls.cert, .key and .client-ca, or, if that is wanted,"
                            + " gantry.docker.tcp-insecure=true");
        }
    }

    private static void requirePeers(UnaryOperator<String> settings) {
        long given = PEER_FILES.stream()
                .filter(key -> !settings.apply(key).isEmpty())
                .count();
        if (given != 0 && given != PEER_FILES.size()) {
            throw new RefusedStart(String.join(", ", PEER_FILES) + " are needed together");
        }
        PEER_FILES.forEach(key -> requireReadable(key, settings.apply(key)));
        for (String key : List.of("gantry.agent.listen", "gantry.services.listen")) {
            if (given == 0 && !settings.apply(key).isEmpty()) {
                throw new RefusedStart(key + "=" + settings.apply(key) + ": this is served with mutual TLS only; set "
                        + String.join(", ", PEER_FILES));
            }
        }
        requireCalls("gantry.agent.address", settings.apply("gantry.agent.address"), given > 0, false);
        requireCalls("gantry.agent.control", settings.apply("gantry.agent.control"), given > 0, true);
        requireCalls("gantry.agent.reports", settings.apply("gantry.agent.reports"), given > 0, true);
    }

    private static void requireCalls(String key, String url, boolean certificates, boolean onLoopback) {
        boolean plain = url.startsWith("http://");
        if (plain && !(onLoopback && isLoopback(URI.create(url).getHost()))
                || url.startsWith("https://") && !certificates) {
            throw new RefusedStart(key + "=" + url + ": services and agents talk over TCP with mutual TLS only; use"
                    + " https and set " + String.join(", ", PEER_FILES));
        }
    }

    private static void requireReadable(String key, String file) {
        if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
            throw new RefusedStart(key + ": " + file + " cannot be read");
        }
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    }

    /** Names are looked up: {@code localhost} is one. */
    public static boolean isLoopback(String host) {
        try {
            return host != null
                    && !host.isEmpty()
                    && InetAddress.getByName(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
