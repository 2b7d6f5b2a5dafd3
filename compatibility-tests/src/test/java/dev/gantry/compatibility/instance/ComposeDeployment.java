package dev.gantry.compatibility.instance;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.docker.TlsDocker;
import dev.gantry.compatibility.fixtures.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A control plane, and an agent for this machine, that {@code docker-compose.yml} describes: on some Docker endpoint. */
final class ComposeDeployment {
    /** Says where Compose 2 is; else it is a plugin of the {@code docker} on PATH. */
    private static final String PROPERTY = "gantry.compatibility.compose";

    /** Seven parts and two servers start at once. */
    private static final long WITHIN_SECONDS = 420;

    private static final String NETWORK = "172.31.249";

    /** The host's address on the control plane's network. */
    static final String HOST = NETWORK + ".1";

    private static final String BRIDGE = "gantrycompose0";
    private static final String TABLE = "gantry-compose";

    private static final Path PROJECT =
            Launcher.path().orElseThrow().toAbsolutePath().getParent();

    private final Docker host;
    private final Path directory;
    private final List<String> files;
    private final Map<String, String> variables;
    private final int port;
    private final int clearPort;

    /**
     * @param host where it is to run
     * @param directory for the agent's directories and the client's keys
     * @param version of the images, which the host has
     * @param files of the project
     */
    ComposeDeployment(Docker host, Path directory, String version, String... files) throws IOException {
        this.host = host;
        this.directory = directory;
        this.files = List.of(files);
        port = FreePorts.firstOf(2);
        clearPort = port + 1;
        variables = new HashMap<>(Map.of(
                "GANTRY_PUBLISH",
                "127.0.0.1:" + port,
                "GANTRY_CLEAR_PORT",
                Integer.toString(clearPort),
                "GANTRY_NETWORK",
                NETWORK,
                "GANTRY_AGENT_DATA",
                Files.createDirectories(directory.resolve("data")).toString(),
                "GANTRY_AGENT_RUN",
                Files.createDirectories(directory.resolve("run")).toString(),
                "GANTRY_AGENT_BRIDGE",
                BRIDGE,
                "GANTRY_AGENT_NFTABLES_TABLE",
                TABLE));
        use(version);
    }

    /** Images of that version, which the host has, from the next {@link #up} on. */
    void use(String version) {
        variables.put("GANTRY_VERSION", version);
        for (String server : List.of("postgres", "kafka", "balancer")) {
            variables.put("GANTRY_" + server.toUpperCase(Locale.ROOT) + "_IMAGE", "gantry/" + server + ":" + version);
        }
    }

    static boolean isPossible(Docker host) {
        return !System.getProperty(PROPERTY, "").isEmpty()
                || host.call("compose", "version").exitCode() == 0;
    }

    Result compose(String... arguments) {
        String program = System.getProperty(PROPERTY, "");
        List<String> command = new ArrayList<>(program.isEmpty() ? List.of("docker", "compose") : List.of(program));
        command.addAll(List.of("-p", "gantry-compose", "--project-directory", PROJECT.toString()));
        files.forEach(file -> command.addAll(List.of("-f", PROJECT.resolve(file).toString())));
        command.addAll(List.of(arguments));
        return host.clientWithin(WITHIN_SECONDS, PROJECT, variables, command.toArray(String[]::new));
    }

    /** Starts what does not run, and waits until all of it is ready. */
    void up(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up", "-d", "--wait"));
        arguments.addAll(List.of(options));
        Result result = compose(arguments.toArray(String[]::new));
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    result.out() + result.err() + compose("logs", "--tail=30").out());
        }
        Path keys = Files.createDirectories(directory.resolve("client"));
        Path archive = directory.resolve("client.tar");
        Files.writeString(archive, compose("run", "--rm", "-T", "client").text());
        Commands.lines("tar", "-xf", archive.toString(), "-C", keys.toString());
    }

    /** The endpoint's, with the certificate that the deployment handed out. */
    TlsDocker docker() {
        return new TlsDocker(directory.resolve("client"), "127.0.0.1:" + port);
    }

    /** Has a gateway without certificates beside the other, from the next {@link #up} on. */
    void listenInTheClear() {
        variables.put("COMPOSE_PROFILES", "clear");
    }

    /** Where that is. */
    int clearPort() {
        return clearPort;
    }

    /** How many rows of the database are of containers, and of what was done to them and is not told yet. */
    List<String> rowsOfContainers() {
        String sum = Stream.of(
                        "container.containers",
                        "container.execs",
                        "container.volume_uses",
                        "network.endpoints",
                        "network.ports",
                        "container.outbox",
                        "network.outbox")
                .map(table -> "(select count(*) from " + table + ")")
                .collect(Collectors.joining(" + ", "select ", ""));
        return compose("exec", "-T", "postgres", "psql", "-XAtq", "-U", "gantry", "-c", sum)
                .lines();
    }

    /** Takes it down, and what an agent leaves on its host for the next one. */
    void remove() {
        compose("down", "-v");
        HostOfAgent.forget(BRIDGE, TABLE);
    }
}
