package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project of three services, with both generations of Compose. */
@EndpointTest
class ComposeTest {
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

    @TempDir
    Path directory;

    /** One generation of Compose with a project. */
    private final class Project {
        private final Docker docker;
        private final String subnet;
        private final Map<String, String> environment;
        private final List<String> program;

        Project(Docker docker, String subnet, Map<String, String> environment, String... program) throws IOException {
            this.docker = docker;
            this.subnet = subnet;
            this.environment = environment;
            this.program = List.of(program);
            write("1");
        }

        void write(String level) throws IOException {
            Files.writeString(
                    directory.resolve("docker-compose.yml"), PROJECT.formatted(Images.BUSYBOX, subnet, level));
        }

        Result call(String... arguments) {
            List<String> command = new ArrayList<>(program);
            command.addAll(List.of("-p", docker.name("p")));
            command.addAll(Arrays.asList(arguments));
            return docker.client(directory, environment, command.toArray(String[]::new));
        }

        String ok(String... arguments) {
            return call(arguments).text();
        }

        Set<String> ids(String... services) {
            List<String> arguments = new ArrayList<>(List.of("ps", "-q"));
            arguments.addAll(Arrays.asList(services));
            return new TreeSet<>(call(arguments.toArray(String[]::new)).lines());
        }

        Set<String> addresses(String service, String name) {
            return call("exec", "-T", service, "nslookup", "-type=a", name)
                    .out()
                    .replaceFirst("(?s)^Server:.*?\n\n", "")
                    .lines()
                    .filter(line -> line.startsWith("Address:"))
                    .map(line -> line.substring("Address:".length()).strip())
                    .collect(Collectors.toSet());
        }

        String page(String service, String url) {
            return ok("exec", "-T", service, "wget", "-qO-", url);
        }
    }

    @Test
    void project_lives_with_compose_1(Docker docker) throws IOException {
        Assumptions.assumeTrue(isThere("docker-compose"), "docker-compose 1.29 is not installed");
        // Beyond 1.44 an image has no ContainerConfig any more, which it cannot do without.
        lives(new Project(docker, "1", Map.of("COMPOSE_API_VERSION", "1.41"), "docker-compose"));
    }

    @Test
    void project_lives_with_compose_2(Docker docker) throws IOException {
        String program = System.getProperty(PROPERTY, "");
        boolean plugin = program.isEmpty() && docker.call("compose", "version").exitCode() == 0;
        Assumptions.assumeTrue(
                plugin || !program.isEmpty(), "no Compose 2: neither -D" + PROPERTY + " nor a plugin of docker");
        lives(
                plugin
                        ? new Project(docker, "2", Map.of(), "docker", "compose")
                        : new Project(docker, "2", Map.of(), program));
    }

    private static boolean isThere(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static void lives(Project project) throws IOException {
        Docker docker = project.docker;
        String db = "10.206." + project.subnet + ".10";
        project.ok("up", "-d");

        assertEquals(3, project.ids().size());
        Docker.await("the services answer", () -> project.call("exec", "-T", "web", "wget", "-qO-", "http://api")
                .out()
                .equals("api 1\n"));
        assertEquals("db dbhost", project.page("api", "http://db:5432"));
        for (String name : List.of("db", "store", "database", "dbhost")) {
            assertEquals(Set.of(db), project.addresses("api", name), name);
        }
        assertEquals(Set.of(), project.addresses("web", "db"), "not on its network");
        assertTrue(project.ok("port", "web", "80").matches("0\\.0\\.0\\.0:\\d+"));
        assertTrue(project.ok("logs", "api").contains("serving"));
        assertFalse(docker.ok("exec", container(project, "db"), "ip", "route").contains("default"));

        Set<String> before = project.ids();
        project.ok("up", "-d");
        assertEquals(before, project.ids(), "nothing has changed");

        project.ok("up", "-d", "--scale", "api=3");
        assertEquals(5, project.ids().size());
        assertEquals(3, project.addresses("web", "api").size());
        project.ok("restart", "-t", "0", "api");
        assertEquals(3, project.addresses("web", "api").size());
        assertTrue(project.ok("run", "--rm", "api", "wget", "-qO-", "http://store:5432")
                .contains("db dbhost"));
        assertEquals(5, project.ids().size());

        Set<String> database = project.ids("db");
        Set<String> api = project.ids("api");
        project.write("2");
        project.ok("up", "-d", "-t", "0");
        assertEquals(database, project.ids("db"), "what did not change stays");
        assertEquals(1, project.ids("api").size());
        assertNotEquals(api, project.ids("api"));
        Docker.await("the new service answers", () -> project.call("exec", "-T", "web", "wget", "-qO-", "http://api")
                .out()
                .equals("api 2\n"));

        project.ok("down", "-v", "-t", "0");
        assertEquals("", docker.ok("ps", "-aq", "--filter", "name=" + docker.name("p")));
        assertEquals("", docker.ok("network", "ls", "-q", "--filter", "name=" + docker.name("p")));
        assertEquals("", docker.ok("volume", "ls", "-q", "--filter", "name=" + docker.name("p")));
    }

    private static String container(Project project, String service) {
        return project.ids(service).iterator().next();
    }
}
