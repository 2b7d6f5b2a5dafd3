package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker rm}, ids and their prefixes. */
@EndpointTest
class RemoveTest {
    @Test
    void a_stopped_container_is_removed(Docker docker) {
        String name = docker.name("gone");
        docker.ok("create", "--name", name, Images.BUSYBOX);

        assertEquals(name, docker.ok("rm", name));

        docker.call("inspect", name).exits(1);
        docker.call("rm", name).exits(1).saysError("no such container: " + name);
    }

    @Test
    void a_running_container_needs_force(Docker docker, Engine engine) {
        String name = docker.sleeping("running");

        docker.call("rm", name).exits(1).saysError("(cannot remove|You cannot remove).*running");
        engine.delete("/containers/" + name).is(409);
        docker.ok("rm", "-f", name);

        docker.call("inspect", name).exits(1);
    }

    @Test
    void force_is_content_with_nothing(Docker docker) {
        docker.call("rm", "-f", docker.name("none")).exits(0);
    }

    @Test
    void several_are_removed_and_failures_told(Docker docker) {
        String one = docker.name("one");
        docker.ok("create", "--name", one, Images.BUSYBOX);

        docker.call("rm", docker.name("none"), one).exits(1).saysError("no such container");

        docker.call("inspect", one).exits(1);
    }

    @Test
    void v_removes_anonymous_volumes_but_no_named_ones(Docker docker) {
        String name = docker.name("c");
        String named = docker.name("named");
        docker.ok("create", "--name", name, "-v", "/anonymous", "-v", named + ":/named", Images.BUSYBOX);
        String anonymous = docker.ok(
                "inspect", "-f", "{{range .Mounts}}{{if eq .Destination \"/anonymous\"}}{{.Name}}{{end}}{{end}}", name);

        docker.ok("rm", "-v", name);

        docker.call("volume", "inspect", anonymous).exits(1);
        docker.call("volume", "inspect", named).exits(0);
    }

    @Test
    void without_v_volumes_stay(Docker docker) {
        String name = docker.name("c");
        docker.ok("create", "--name", name, "-v", "/anonymous", Images.BUSYBOX);
        String anonymous = docker.ok("inspect", "-f", "{{(index .Mounts 0).Name}}", name);

        docker.ok("rm", name);

        docker.call("volume", "inspect", anonymous).exits(0);
        docker.ok("volume", "rm", anonymous);
    }

    @Test
    void with_rm_at_run_anonymous_volumes_go_too(Docker docker) {
        String name = docker.sleeping("c", "--rm", "-v", "/anonymous");
        String anonymous = docker.ok("inspect", "-f", "{{(index .Mounts 0).Name}}", name);

        docker.ok("stop", "-t", "1", name);

        Docker.await(
                "both are gone",
                () -> docker.call("inspect", name).exitCode() == 1
                        && docker.call("volume", "inspect", anonymous).exitCode() == 1);
    }

    @Test
    void ids_may_be_shortened_while_they_are_unique(Docker docker, Engine engine) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            ids.add(docker.ok("create", "--name", docker.name("n" + i), Images.BUSYBOX));
        }

        assertEquals(
                ids.get(3), docker.ok("inspect", "-f", "{{.Id}}", ids.get(3).substring(0, 20)));
        // Of seventeen ids two begin with the same digit.
        String twice = ids.stream()
                .map(id -> id.substring(0, 1))
                .filter(digit -> ids.stream().filter(id -> id.startsWith(digit)).count() > 1)
                .findFirst()
                .orElseThrow();
        var answer = engine.get("/containers/" + twice + "/json");
        assertTrue(
                answer.status() == 400 || answer.status() == 404 || answer.status() == 409 || answer.status() == 500);
        assertTrue(
                answer.message()
                        .toLowerCase(java.util.Locale.ROOT)
                        .contains("multiple ids found with provided prefix: " + twice),
                answer.message());
    }

    @Test
    void a_name_wins_over_a_prefix_of_an_id(Docker docker) {
        String id = docker.ok("create", "--name", docker.name("one"), Images.BUSYBOX);
        String prefix = id.substring(0, 12);
        String other = docker.ok("create", "--name", prefix, Images.BUSYBOX);

        assertEquals(other, docker.ok("inspect", "-f", "{{.Id}}", prefix));
        docker.ok("rm", other);
        assertEquals(id, docker.ok("inspect", "-f", "{{.Id}}", prefix));
    }

    @Test
    void the_name_is_free_afterwards(Docker docker) {
        for (int i = 0; i < 3; i++) {
            docker.ok("rm", "-f", docker.sleeping("reused"));
        }
    }
}
