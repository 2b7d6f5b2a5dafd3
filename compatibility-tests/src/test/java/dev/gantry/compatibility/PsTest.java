package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** {@code docker ps} with its filters and formats. */
@EndpointTest
class PsTest {
    /** Names shown, without the test's own prefix. */
    private static Set<String> shown(Docker docker, String... options) {
        List<String> arguments = new ArrayList<>(List.of("ps", "--format", "{{.Names}}"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--filter", "name=" + docker.name("")));
        Set<String> names = new TreeSet<>();
        docker.call(arguments.toArray(String[]::new))
                .lines()
                .forEach(name -> names.add(name.substring(docker.name("").length())));
        return names;
    }

    private static void some(Docker docker) {
        docker.sleeping("up", "--label", "color=red", "--label", "tested");
        docker.call(
                "run", "--name", docker.name("failed"), "--label", "color=blue", Images.BUSYBOX, "sh", "-c", "exit 3");
        docker.ok("create", "--name", docker.name("new"), Images.CONFIGURED);
    }

    @Test
    void shows_running_ones_and_with_a_all(Docker docker) {
        some(docker);

        assertEquals(Set.of("up"), shown(docker));
        assertEquals(Set.of("up", "failed", "new"), shown(docker, "-a"));
    }

    @Test
    void filters_select(Docker docker) {
        some(docker);

        assertEquals(Set.of("new"), shown(docker, "-a", "--filter", "status=created"));
        assertEquals(Set.of("failed"), shown(docker, "-a", "--filter", "status=exited"));
        assertEquals(
                Set.of("up", "new"), shown(docker, "-a", "--filter", "status=created", "--filter", "status=running"));
        assertEquals(Set.of("failed"), shown(docker, "-a", "--filter", "exited=3"));
        assertEquals(Set.of(), shown(docker, "-a", "--filter", "exited=4"));
        assertEquals(Set.of("up"), shown(docker, "-a", "--filter", "label=tested"));
        assertEquals(Set.of("failed"), shown(docker, "-a", "--filter", "label=color=blue"));
        assertEquals(Set.of(), shown(docker, "-a", "--filter", "label=tested", "--filter", "label=color=blue"));
        assertEquals(Set.of("new"), shown(docker, "-a", "--filter", "ancestor=" + Images.CONFIGURED));
        assertEquals(Set.of("new"), shown(docker, "-a", "--filter", "volume=/data"));
        assertEquals(Set.of("up"), shown(docker, "-a", "--filter", "before=" + docker.name("failed")));
        assertEquals(Set.of("new"), shown(docker, "-a", "--filter", "since=" + docker.name("failed")));
        assertEquals(Set.of("up"), shown(docker, "-a", "--filter", "network=bridge", "--filter", "status=running"));
        assertEquals(
                Set.of("up"),
                shown(
                        docker,
                        "--filter",
                        "id="
                                + docker.ok("inspect", "-f", "{{.Id}}", docker.name("up"))
                                        .substring(0, 10)));
    }

    @Test
    void names_match_as_expressions(Docker docker) {
        some(docker);

        List<String> found = docker.call(
                        "ps", "-a", "--format", "{{.Names}}", "--filter", "name=^/?" + docker.name("(up|new)") + "$")
                .lines();

        assertEquals(Set.of(docker.name("up"), docker.name("new")), Set.copyOf(found));
    }

    @Test
    void filters_that_do_not_exist_are_refused(Docker docker) {
        docker.call("ps", "--filter", "nosuchfilter=x").exits(1).saysError("invalid filter '?nosuchfilter");
        docker.call("ps", "--filter", "status=nosuchstatus").exits(1).saysError("nosuchstatus");
        docker.call("ps", "-a", "--filter", "before=" + docker.name("none"))
                .exits(1)
                .saysError("no such container");
    }

    @Test
    void q_prints_ids(Docker docker) {
        some(docker);

        assertTrue(
                docker.ok("ps", "-q", "--filter", "name=" + docker.name("up")).matches("[0-9a-f]{12}"));
        assertTrue(docker.ok("ps", "-q", "--no-trunc", "--filter", "name=" + docker.name("up"))
                .matches("[0-9a-f]{64}"));
    }

    @Test
    void newest_first_and_n_limits(Docker docker, Engine engine) {
        some(docker);

        List<String> names = docker.call("ps", "-a", "--format", "{{.Names}}", "--filter", "name=" + docker.name(""))
                .lines();

        assertEquals(List.of(docker.name("new"), docker.name("failed"), docker.name("up")), names);
        assertEquals(docker.name("new"), docker.ok("ps", "-l", "--format", "{{.Names}}"));
        assertEquals(2, docker.call("ps", "-n", "2", "-q").lines().size());
    }

    @Test
    void shows_command_status_ports_and_image(Docker docker) {
        some(docker);
        docker.sleeping("ports", "-p", "127.0.0.1::80", "--expose", "81");

        assertTrue(column(docker, "up", "{{.Status}}").matches("Up (\\d+ seconds?|Less than a second)"));
        assertTrue(column(docker, "failed", "{{.Status}}")
                .matches("Exited \\(3\\) (\\d+ seconds?|Less than a second) ago"));
        assertEquals("Created", column(docker, "new", "{{.Status}}"));
        assertEquals("\"sh -c 'exit 3'\"", column(docker, "failed", "{{.Command}}"));
        assertEquals(Images.BUSYBOX, column(docker, "up", "{{.Image}}"));
        assertTrue(
                column(docker, "ports", "{{.Ports}}").matches("81/tcp, 127\\.0\\.0\\.1:\\d+->80/tcp"),
                column(docker, "ports", "{{.Ports}}"));
        assertEquals("running", column(docker, "up", "{{.State}}"));
        assertEquals("red", column(docker, "up", "{{.Label \"color\"}}"));
    }

    private static String column(Docker docker, String suffix, String format) {
        return docker.ok("ps", "-a", "--no-trunc", "--format", format, "--filter", "name=" + docker.name(suffix));
    }

    @Test
    void s_shows_what_a_container_wrote(Docker docker) {
        String name = docker.sleeping("size");
        docker.ok("exec", name, "sh", "-c", "head -c 1000000 /dev/zero > /written");

        String size = docker.ok("ps", "-s", "--format", "{{.Size}}", "--filter", "name=" + name);

        assertTrue(size.matches("1(\\.0\\d*)?MB \\(virtual [2-9](\\.\\d+)?MB\\)"), size);
    }

    @Test
    void a_paused_one_is_shown_as_such(Docker docker) {
        String name = docker.sleeping("paused");
        docker.ok("pause", name);

        assertTrue(column(docker, "paused", "{{.Status}}").endsWith("(Paused)"));
        assertEquals(Set.of("paused"), shown(docker, "--filter", "status=paused"));
        docker.ok("unpause", name);
        assertFalse(column(docker, "paused", "{{.Status}}").contains("Paused"));
    }

    @Test
    void the_api_lists_the_same(Docker docker, Engine engine) {
        some(docker);

        var list = engine.get("/containers/json?all=1&filters=%7B%22name%22%3A%5B%22" + docker.name("") + "%22%5D%7D")
                .is(200)
                .json();

        assertEquals(3, list.size());
        assertEquals("/" + docker.name("new"), list.get(0).at("/Names/0").asText());
        assertEquals(64, list.get(0).get("Id").asText().length());
        assertTrue(list.get(0).get("ImageID").asText().startsWith("sha256:"));
        assertTrue(engine.get("/containers/json?filters=nonsense").status() >= 400);
    }
}
