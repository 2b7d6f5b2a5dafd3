package dev.gantry.compatibility.docker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code docker} command line at an endpoint that wants certificates.
 *
 * @param keys directory with {@code ca.pem}, {@code cert.pem} and {@code key.pem}
 * @param address {@code host:port}
 */
public record TlsDocker(Path keys, String address) {
    public Result call(String... arguments) {
        List<String> all = new ArrayList<>(List.of(
                "--tlsverify",
                "--tlscacert=" + keys.resolve("ca.pem"),
                "--tlscert=" + keys.resolve("cert.pem"),
                "--tlskey=" + keys.resolve("key.pem"),
                "--host=tcp://" + address));
        all.addAll(List.of(arguments));
        return new Docker(new Endpoint("", true)).callWithin(120, all.toArray(String[]::new));
    }

    /** What it prints; it must succeed. */
    public String ok(String... arguments) {
        return call(arguments).text();
    }
}
