package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docker container prune} and {@code docker volume prune}; each asks only for what has a label of its own. */
@EndpointTest
class PruneTest {
    private static Engine.Answer prune(Docker docker, String version, String what, String filters) {
        return new Engine(docker.endpoint())
                .post("/v" + version + "/" + what + "/prune?filters="
                        + URLEncoder.encode(filters, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "containers ~ {\"nosuch\":[\"x\"]}          ~ invalid filter 'nosuch'",
                "containers ~ {\"all\":[\"1\"]}             ~ invalid filter 'all'",
                "containers ~ {\"until\":[\"abc\"]}         ~ failed to parse value as time or duration: \"abc\"",
                "containers ~ {\"until\":[\"1h\",\"2h\"]}   ~ more than one until filter specified",
                "containers ~ broken                        ~ invalid filter",
                "volumes    ~ {\"until\":[\"1h\"]}          ~ invalid filter 'until'",
                "volumes    ~ {\"dangling\":[\"true\"]}     ~ invalid filter 'dangling'",
                "volumes    ~ {\"driver\":[\"local\"]}      ~ invalid filter 'driver'",
                "volumes    ~ {\"all\":[\"x\"]}             ~ invalid filter 'all': strconv.ParseBool: parsing \"x\": invalid syntax",
                "volumes    ~ [\"a\"]                       ~ invalid filter",
            })
    void what_is_no_filter_is_refused(String what, String filters, String message, Docker docker) {
        assertEquals(message, prune(docker, "1.44", what, filters).is(400).message());
    }

    @Test
    void volumes_go_by_label_and_give_back_their_space(Docker docker) {
        String label = docker.name("label");
        String kept = docker.name("kept");
        String gone = docker.name("gone");
        docker.ok("volume", "create", "--label", "of=" + label, "--label", "keep", kept);
        docker.ok("volume", "create", "--label", "of=" + label, gone);
        docker.ok(
                "run",
                "--rm",
                "-v",
                gone + ":/x",
                Images.BUSYBOX,
                "dd",
                "if=/dev/zero",
                "of=/x/f",
                "bs=1k",
                "count=64");

        assertEquals(
                List.of(),
                names(prune(docker, "1.44", "volumes", "{\"label\":[\"of=" + label + "\"]}"), "VolumesDeleted"),
                "named ones stay");
        Engine.Answer answer = prune(
                docker,
                "1.44",
                "volumes",
                "{\"all\":[\"true\"],\"label\":[\"of=" + label + "\"],\"label!\":[\"keep\"]}");

        assertEquals(List.of(gone), names(answer, "VolumesDeleted"));
        assertTrue(answer.json().get("SpaceReclaimed").asLong() >= 64 * 1024, answer.body());
        assertEquals(
                List.of(kept),
                names(prune(docker, "1.41", "volumes", "{\"label\":[\"of=" + label + "\"]}"), "VolumesDeleted"),
                "clients before 1.42 mean named ones too");
    }

    @Test
    void a_volume_of_a_container_stays(Docker docker) {
        String name = docker.name("used");
        docker.ok("volume", "create", "--label", "of=" + name, name);
        docker.ok("create", "--name", docker.name("c"), "-v", name + ":/x", Images.BUSYBOX);

        prune(docker, "1.44", "volumes", "{\"all\":[\"1\"],\"label\":[\"of=" + name + "\"]}")
                .is(200);

        docker.ok("volume", "inspect", name);
    }

    @Test
    void containers_go_when_they_have_ended_and_are_old_enough(Docker docker) {
        String label = docker.name("label");
        String running = docker.sleeping("running", "--label", "of=" + label);
        String ended = docker.name("ended");
        String created = docker.name("created");
        docker.ok(
                "run",
                "--name",
                ended,
                "--label",
                "of=" + label,
                Images.BUSYBOX,
                "dd",
                "if=/dev/zero",
                "of=/f",
                "bs=1k",
                "count=64");
        docker.ok("create", "--name", created, "--label", "of=" + label, "--label", "keep", Images.BUSYBOX);
        String of = "\"label\":[\"of=" + label + "\"]";

        for (String until : List.of(
                "1h",
                "1.5h",
                "90m30s",
                Long.toString(Instant.now().getEpochSecond() - 3600),
                Instant.now().getEpochSecond() - 3600 + ".5",
                "2020-01-02",
                "2020-01-02T03:04:05",
                "2020-01-02T03:04:05.678Z")) {
            Engine.Answer none = prune(docker, "1.44", "containers", "{" + of + ",\"until\":[\"" + until + "\"]}");
            assertEquals(List.of(), names(none, "ContainersDeleted"), until);
        }
        String id = docker.ok("inspect", "-f", "{{.Id}}", ended);
        Engine.Answer answer =
                prune(docker, "1.44", "containers", "{" + of + ",\"label!\":[\"keep\"],\"until\":[\"0.001s\"]}");

        assertEquals(List.of(id), names(answer, "ContainersDeleted"));
        assertTrue(answer.json().get("SpaceReclaimed").asLong() >= 64 * 1024, answer.body());
        docker.ok("inspect", running);
        docker.ok("inspect", created);
        assertFalse(names(prune(docker, "1.44", "containers", "{" + of + "}"), "ContainersDeleted")
                .isEmpty());
        docker.ok("inspect", running);
    }

    private static List<String> names(Engine.Answer answer, String field) {
        JsonNode list = answer.is(200).json().get(field);
        return list == null || list.isNull()
                ? List.of()
                : list.valueStream().map(JsonNode::asText).toList();
    }
}
