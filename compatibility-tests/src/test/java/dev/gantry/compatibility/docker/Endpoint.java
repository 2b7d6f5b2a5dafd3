package dev.gantry.compatibility.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The Docker endpoint under test: {@code -Dgantry.compatibility.docker-host=unix:///run/gantry/docker.sock}, or with
 * {@code -Dgantry.compatibility.against=dockerd} a real dockerd that is started for the tests.
 *
 * @param url as in {@code DOCKER_HOST}
 * @param local whether it runs on this machine, so that mounts and namespaces may be looked at
 */
public record Endpoint(String url, boolean local) {
    public static final String URL_PROPERTY = "gantry.compatibility.docker-host";
    public static final String AGAINST_PROPERTY = "gantry.compatibility.against";

    private static Optional<Endpoint> found;

    /** Why there is none, for the report of skipped tests. */
    public static final String ABSENT =
            "no endpoint: set -D" + URL_PROPERTY + "=unix:///... or -D" + AGAINST_PROPERTY + "=dockerd";

    /** Starts a dockerd when that was asked for, once. */
    public static synchronized Optional<Endpoint> find() {
        if (found == null) {
            found = look();
        }
        return found;
    }

    private static Optional<Endpoint> look() {
        String url = System.getProperty(URL_PROPERTY, "");
        if (!url.isEmpty()) {
            return Optional.of(new Endpoint(url, url.startsWith("unix:") || url.contains("//127.0.0.1")));
        }
        if (!System.getProperty(AGAINST_PROPERTY, "").equals("dockerd")) {
            return Optional.empty();
        }
        try {
            RealDockerd dockerd = RealDockerd.start(Files.createTempDirectory("gantry-dockerd"));
            Runtime.getRuntime().addShutdownHook(new Thread(dockerd::close));
            return Optional.of(new Endpoint(dockerd.url(), true));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The socket, for endpoints that are one. */
    public Path socket() {
        return Path.of(url.substring("unix://".length()));
    }
}
