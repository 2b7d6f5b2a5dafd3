package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Testcontainers for Java, with its reaper, for which an image stands in that does nothing but answer. */
@EndpointTest
class TestcontainersTest {
    private static final String REAPER = "gantry-compat/reaper:latest";

    /** By which all that it makes is marked. */
    private static final String LABEL = "label=org.testcontainers=true";

    private static final String REAPERS = "name=testcontainers-ryuk-";

    @TempDir
    Path home;

    @Test
    void containers_on_a_network_are_reached_by_alias_and_port(Docker docker) {
        String answering = "echo Started; exec nc -ll -p 8080 -e sh -c 'while read line; do echo ACK; done'";
        docker.callWithInput(
                        Images.built(
                                        Images.busyboxLayer(),
                                        "{\"Cmd\":[\"sh\",\"-c\",\"" + answering + "\"],\"Env\":[\"PATH=/bin\"]}",
                                        "amd64")
                                .archive(REAPER),
                        "load")
                .exits(0);
        docker.removeLater(REAPER);

        Result result = docker.client(
                home,
                Map.of(
                        "DOCKER_HOST",
                        docker.endpoint().url(),
                        "TESTCONTAINERS_RYUK_CONTAINER_IMAGE",
                        REAPER,
                        "TESTCONTAINERS_CHECKS_DISABLE",
                        "true"),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                TestcontainersProgram.class.getName());

        assertEquals(0, result.exitCode(), result::toString);
        List<String> said = result.out().lines().toList();
        assertEquals(
                List.of("web says hello", "www says hello", "port says hello", "log says ready"),
                said.subList(0, 4),
                result::toString);
        assertTrue(said.get(4).matches("network is [0-9a-f]{64}"), said.get(4));
        assertEquals(REAPER, docker.ok("ps", "--filter", REAPERS, "--format", "{{.Image}}"));
        assertEquals("", docker.ok("network", "ls", "-q", "--filter", LABEL));
    }

    @AfterEach
    void remove(Docker docker) {
        for (String filter : List.of(LABEL, REAPERS)) {
            docker.call("ps", "-aq", "--filter", filter).lines().forEach(id -> docker.call("rm", "-f", id));
        }
    }
}
