package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.ComposeProject;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project of three services, with both generations of Compose. */
@EndpointTest
class ComposeTest {
    @TempDir
    Path directory;

    @Test
    void project_lives_with_compose_1(Docker docker) throws IOException {
        Optional<ComposeProject> project = ComposeProject.ofCompose1(docker, directory);
        Assumptions.assumeTrue(project.isPresent(), "docker-compose 1.29 is not installed");
        lives(docker, project.get());
    }

    @Test
    void project_lives_with_compose_2(Docker docker) throws IOException {
        Optional<ComposeProject> project = ComposeProject.ofCompose2(docker, directory);
        Assumptions.assumeTrue(project.isPresent(), "Compose 2 is not installed");
        lives(docker, project.get());
    }

    private static void lives(Docker docker, ComposeProject project) throws IOException {
        project.ok("up", "-d");

        assertEquals(3, project.ids().size());
        project.awaitLevel("1");
        assertEquals("db dbhost", project.page("api", "http://db:5432"));
        for (String name : List.of("db", "store", "database", "dbhost")) {
            assertEquals(Set.of(project.fixedAddress()), project.addresses("api", name), name);
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
        project.awaitLevel("2");

        project.ok("down", "-v", "-t", "0");
        assertEquals("", docker.ok("ps", "-aq", "--filter", "name=" + project.name()));
        assertEquals("", docker.ok("network", "ls", "-q", "--filter", "name=" + project.name()));
        assertEquals("", docker.ok("volume", "ls", "-q", "--filter", "name=" + project.name()));
    }

    private static String container(ComposeProject project, String service) {
        return project.ids(service).iterator().next();
    }
}
