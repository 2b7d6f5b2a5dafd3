package dev.gantry.compatibility.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A project of three services on two networks, one of which leads nowhere: {@code web} asks {@code api}, which asks {@code db}
 * at a fixed address.
 */
public final class ComposeProject {
    /** Says where Compose 2 is; else it is looked for as a plugin of the {@code docker} on PATH. */
    private static final String PROPERTY = "gantry.compatibility.compose";

    private static final String PROJECT =
            """
            version: "3.8"
            services:
              db:
                image: %1$s
                command: sh -c 'mkdir -p /www; echo "db $$HOSTNAME" > /www/index.html; exec httpd -f -p 5432 -h /www'
                hostname: dbhost
                networks:
                  back:
                    aliases: [store, database]
                    ipv4_address: 10.206.%2$s.10
                volumes: [data:/data]
              api:
                image: %1$s
                command: sh -c 'mkdir -p /www; echo "api $$LEVEL" > /www/index.html; echo serving; exec httpd -f -p 80 -h /www'
                depends_on: [db]
                networks: [front, back]
                environment: {LEVEL: "%3$s"}
                stop_grace_period: 0s
              web:
                image: %1$s
                command: sh -c 'mkdir -p /www; echo web > /www/index.html; exec httpd -f -p 80 -h /www'
                depends_on: [api]
                networks: [front]
                ports: ["80"]
                stop_grace_period: 0s
            networks:
              front: {}
              back:
                internal: true
                ipam:
                  config: [{subnet: 10.206.%2$s.0/24}]
            volumes:
              data: {}
            """;

    private final Docker docker;
    private final Path directory;
    private final String subnet;
    private final Map<String, String> environment;
    private final List<String> program;

    private ComposeProject(
            Docker docker, Path directory, String subnet, Map<String, String> environment, String... program)
            throws IOException {
        this.docker = docker;
        this.directory = directory;
        this.subnet = subnet;
        this.environment = environment;
        this.program = List.of(program);
        write("1");
    }

    /** With Compose 1.29; empty where it is not installed. */
    public static Optional<ComposeProject> ofCompose1(Docker docker, Path directory) throws IOException {
        boolean isThere = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(bin -> Files.isExecutable(Path.of(bin, "docker-compose")));
        // Beyond 1.44 an image has no ContainerConfig any more, which it cannot do without.
        return isThere
                ? Optional.of(new ComposeProject(
                        docker, directory, "1", Map.of("COMPOSE_API_VERSION", "1.41"), "docker-compose"))
                : Optional.empty();
    }

    /** With Compose 2; empty where it is not installed. */
    public static Optional<ComposeProject> ofCompose2(Docker docker, Path directory) throws IOException {
        String program = System.getProperty(PROPERTY, "");
        if (!program.isEmpty()) {
            return Optional.of(new ComposeProject(docker, directory, "2", Map.of(), program));
        }
        return docker.call("compose", "version").exitCode() == 0
                ? Optional.of(new ComposeProject(docker, directory, "2", Map.of(), "docker", "compose"))
                : Optional.empty();
    }

    /** Writes its file. @param level what {@code api} tells about itself: another one makes it another service */
    public void write(String level) throws IOException {
        Files.writeString(directory.resolve("docker-compose.yml"), PROJECT.formatted(Images.BUSYBOX, subnet, level));
    }

    /** Of its containers, networks and volumes. */
    public String name() {
        return docker.name("p");
    }

    /** The address of {@code db}. */
    public String fixedAddress() {
        return "10.206." + subnet + ".10";
    }

    public Result call(String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("-p", name()));
        command.addAll(Arrays.asList(arguments));
        return docker.client(directory, environment, command.toArray(String[]::new));
    }

    public String ok(String... arguments) {
        return call(arguments).text();
    }

    /** The containers of these services, or of all. */
    public Set<String> ids(String... services) {
        List<String> arguments = new ArrayList<>(List.of("ps", "-q"));
        arguments.addAll(Arrays.asList(services));
        return new TreeSet<>(call(arguments.toArray(String[]::new)).lines());
    }

    /** What a name stands for where a service is. */
    public Set<String> addresses(String service, String name) {
        return call("exec", "-T", service, "nslookup", "-type=a", name)
                .out()
                .replaceFirst("(?s)^Server:.*?\n\n", "")
                .lines()
                .filter(line -> line.startsWith("Address:"))
                .map(line -> line.substring("Address:".length()).strip())
                .collect(Collectors.toSet());
    }

    /** What a service is told at a URL. */
    public String page(String service, String url) {
        return ok("exec", "-T", service, "wget", "-qO-", url);
    }

    /** Until {@code web} gets this level from {@code api}. */
    public void awaitLevel(String level) {
        Docker.await("the services answer", () -> call("exec", "-T", "web", "wget", "-qO-", "http://api")
                .out()
                .equals("api " + level + "\n"));
    }
}
