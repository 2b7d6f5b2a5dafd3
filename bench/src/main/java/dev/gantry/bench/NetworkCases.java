package dev.gantry.bench;

import static dev.gantry.bench.Case.milliseconds;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is timed of networks that a client makes, and of what goes over them. */
final class NetworkCases {
    private static final String NETWORK = "gantry-bench-net";
    private static final String ASKER = "gantry-bench-asker";
    private static final String SERVER = "gantry-bench-server";
    private static final int PORT = 7007;
    private static final int MEBIBYTES = 1024;
    private static final int ANSWERS = 5_000;

    private final String label;

    NetworkCases(String label) {
        this.label = label;
    }

    List<Case> all() {
        return List.of(
                new Case("run in a network of its own", "ms", 25, NetworkCases::run),
                new Case("network create and rm", "ms", 25, NetworkCases::createAndRemove),
                new Case("network connect and disconnect", "ms", 25, NetworkCases::connectAndDisconnect),
                new Case("name of a container", "ms", 3, e -> client(e, "names", SERVER, Integer.toString(ANSWERS))),
                new Case("traffic between containers", "ms per MB", 5, e -> bulk(e, address(e), PORT)),
                new Case("traffic through a published port", "ms per MB", 5, e -> bulk(e, host(e), published(e))),
                new Case("answer of a container", "ms", 3, e -> echo(e, address(e), PORT)),
                new Case("answer through a published port", "ms", 3, e -> echo(e, host(e), published(e))));
    }

    void prepare(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("network", "create", NETWORK);
        resume(endpoint);
    }

    /** Starts what a start of the engine anew has ended. */
    void resume(Endpoint endpoint) throws IOException, InterruptedException {
        for (String name : List.of(ASKER, SERVER)) {
            if (endpoint.docker("ps", "-aq", "--filter", "name=" + name).isEmpty()) {
                endpoint.docker(
                        "create",
                        "--name",
                        name,
                        "--label",
                        label,
                        "--network",
                        NETWORK,
                        "-p",
                        Integer.toString(PORT),
                        Images.BUSYBOX,
                        "sleep",
                        "86400");
            }
            endpoint.docker("start", name);
        }
    }

    void cleanUp(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("network", "rm", NETWORK);
    }

    private static double run(Endpoint endpoint) throws Exception {
        return milliseconds(() -> endpoint.docker("run", "--rm", "--network", NETWORK, Images.BUSYBOX, "true"));
    }

    private static double createAndRemove(Endpoint endpoint) throws Exception {
        try (EngineConnection connection = endpoint.connect()) {
            return milliseconds(() -> {
                connection.call("POST", "/networks/create", "{\"Name\":\"gantry-bench-made\"}");
                connection.call("DELETE", "/networks/gantry-bench-made", null);
            });
        }
    }

    private static double connectAndDisconnect(Endpoint endpoint) throws Exception {
        String body = "{\"Container\":\"" + ASKER + "\"}";
        try (EngineConnection connection = endpoint.connect()) {
            return milliseconds(() -> {
                connection.call("POST", "/networks/bridge/connect", body);
                connection.call("POST", "/networks/bridge/disconnect", body);
            });
        }
    }

    private static double bulk(Endpoint endpoint, String host, int port) throws Exception {
        return served(endpoint, "bulk", host, Integer.toString(port), Integer.toString(MEBIBYTES));
    }

    private static double echo(Endpoint endpoint, String host, int port) throws Exception {
        return served(endpoint, "echo", host, Integer.toString(port), Integer.toString(ANSWERS));
    }

    private static double served(Endpoint endpoint, String... words) throws Exception {
        Process server = program(endpoint, SERVER, "serve", Integer.toString(PORT));
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            reader.readLine();
            return client(endpoint, words);
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static double client(Endpoint endpoint, String... words) throws Exception {
        Process client = program(endpoint, ASKER, words);
        String printed = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (client.waitFor() != 0) {
            throw new IOException(endpoint.name() + ": " + String.join(" ", words) + ": " + printed);
        }
        return Double.parseDouble(printed);
    }

    /** {@link Traffic} in the network namespace of a container. */
    private static Process program(Endpoint endpoint, String container, String... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "nsenter",
                "-t",
                endpoint.docker("inspect", "-f", "{{.State.Pid}}", container),
                "-n",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Traffic.class.getName()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String address(Endpoint endpoint) throws IOException, InterruptedException {
        return endpoint.docker(
                "inspect", "-f", "{{(index .NetworkSettings.Networks \"" + NETWORK + "\").IPAddress}}", SERVER);
    }

    /** As the asker reaches it. */
    private static String host(Endpoint endpoint) throws IOException, InterruptedException {
        return endpoint.docker(
                "inspect", "-f", "{{(index .NetworkSettings.Networks \"" + NETWORK + "\").Gateway}}", ASKER);
    }

    private static int published(Endpoint endpoint) throws IOException, InterruptedException {
        String first = endpoint.docker("port", SERVER, Integer.toString(PORT))
                .lines()
                .findFirst()
                .orElseThrow();
        return Integer.parseInt(first.substring(first.lastIndexOf(':') + 1));
    }
}
