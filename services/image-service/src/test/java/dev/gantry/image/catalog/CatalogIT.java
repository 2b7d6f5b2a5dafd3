package dev.gantry.image.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.container.Containers.ContainerUse;
import dev.gantry.image.Api;
import dev.gantry.image.TestContainers;
import dev.gantry.image.TestImage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class CatalogIT {
    private static final String CONTAINER = "c0ffee".repeat(10) + "c0ff";

    @Inject
    TestContainers containers;

    @Test
    void an_image_is_listed_with_names_labels_and_size() {
        TestImage image = TestImage.of("12345").label("team", "blue");
        Api.load(image.dockerArchive("listed:1", "registry.example/listed:2"));

        JsonNode line = list("{\"reference\":[\"listed\"]}").get(0);

        assertEquals(image.id(), line.path("Id").asText());
        assertEquals("[\"listed:1\"]", line.path("RepoTags").toString());
        assertEquals("[]", line.path("RepoDigests").toString());
        assertEquals(5, line.path("Size").asInt());
        assertEquals("blue", line.path("Labels").path("team").asText());
        assertEquals(-1, line.path("SharedSize").asInt());
        assertFalse(line.has("VirtualSize"));
        assertTrue(line.has("ParentId") && line.has("Containers"));
    }

    @Test
    void filters_select_images_as_docker_does() {
        Api.load(TestImage.of("old")
                .created("2001-01-01T00:00:00Z")
                .label("age", "old")
                .dockerArchive("f/old:1"));
        Api.load(TestImage.of("new").created("2011-01-01T00:00:00Z").dockerArchive("f/new:1"));

        assertEquals(List.of("f/new:1", "f/old:1"), tags("{\"reference\":{\"f/*\":true}}"));
        assertEquals(List.of("f/old:1"), tags("{\"label\":[\"age=old\"]}"));
        assertEquals(List.of(), tags("{\"label\":[\"age=young\"]}"));
        assertEquals(List.of("f/old:1"), tags("{\"before\":[\"f/new:1\"],\"reference\":[\"f/*\"]}"));
        assertEquals(List.of("f/new:1"), tags("{\"since\":[\"f/old:1\"],\"reference\":[\"f/*\"]}"));
        assertEquals(List.of("f/old:1"), tags("{\"until\":[\"2005-01-01\"],\"reference\":[\"f/*\"]}"));
        assertEquals(
                "invalid filter 'colour'",
                Api.get("/images/json?filters=" + Api.encoded("{\"colour\":[\"red\"]}"))
                        .message());
    }

    @Test
    void an_image_without_names_is_dangling() {
        TestImage image = TestImage.of("dangling");
        Api.load(image.dockerArchive());

        JsonNode dangling = list("{\"dangling\":[\"true\"]}");

        JsonNode line = StreamSupport.stream(dangling.spliterator(), false)
                .filter(each -> each.path("Id").asText().equals(image.id()))
                .findFirst()
                .orElseThrow();
        assertEquals("[]", line.path("RepoTags").toString());
        Api.Answer old = Api.send(Api.request("/images/json").header("X-Gantry-Api-Version", "1.40"));
        assertTrue(old.body().contains("<none>:<none>"));
        assertTrue(old.body().contains("VirtualSize"));
    }

    @Test
    void inspect_and_history_tell_what_the_configuration_says() {
        TestImage image = TestImage.of("below", "above");
        Api.load(image.dockerArchive("inspected:1"));

        JsonNode inspect = Api.get("/images/inspected:1/json").json();
        JsonNode old = Api.send(Api.request("/images/" + Digest.hex(image.id()).substring(0, 9) + "/json")
                        .header("X-Gantry-Api-Version", "1.41"))
                .json();
        JsonNode history = Api.get("/images/inspected:1/history").json();

        assertEquals(image.id(), inspect.path("Id").asText());
        assertEquals("2024-02-03T04:05:06.789Z", inspect.path("Created").asText());
        assertEquals(2, inspect.path("RootFS").path("Layers").size());
        assertEquals("{\"Cmd\":[\"sh\"]}", inspect.path("Config").toString());
        assertEquals("", old.path("Config").path("Hostname").asText("missing"));
        assertEquals(10, old.path("VirtualSize").asInt());
        assertEquals(2, history.size());
        assertEquals(image.id(), history.get(0).path("Id").asText());
        assertEquals("<missing>", history.get(1).path("Id").asText());
        assertEquals("[\"inspected:1\"]", history.get(0).path("Tags").toString());
        assertEquals(5, history.get(0).path("Size").asInt());
    }

    @Test
    void names_that_lead_nowhere_or_are_wrong_are_refused_in_dockers_words() {
        assertEquals(
                new Api.Answer(404, "{\"message\":\"No such image: nothing:latest\"}"),
                Api.get("/images/nothing/json"));
        assertEquals(
                "invalid reference format: repository name (library/Upper) must be lowercase",
                Api.get("/images/Upper/json").message());
        assertEquals(
                "No such image: sha256:" + "0".repeat(64),
                Api.delete("/images/" + "0".repeat(64)).message());
    }

    @Test
    void a_tag_moves_and_the_last_one_takes_the_image_along() {
        TestImage image = TestImage.of("moving");
        TestImage other = TestImage.of("moving", "on");
        Api.load(image.dockerArchive("moving:1"));
        Api.load(other.dockerArchive("moving:2"));

        assertEquals(
                201,
                Api.post("/images/moving:1/tag?repo=moved&tag=x", new byte[0]).status());
        Api.Answer untagged = Api.delete("/images/moving:1");
        Api.Answer deleted = Api.delete("/images/moved:x");

        assertEquals("[{\"Untagged\":\"moving:1\"}]", untagged.body());
        assertEquals(
                "[{\"Untagged\":\"moved:x\"},{\"Deleted\":\"" + image.id() + "\"}]",
                deleted.body(),
                "the layer is the other image's too");
        assertFalse(Api.blobs().contains(Digest.hex(image.id())));
        assertTrue(Api.blobs().contains(Digest.hex(Digest.of(image.layers().getFirst()))));
        String chain = Digest.chain(
                Digest.of(other.layers().getFirst()), Digest.of(other.layers().getLast()));
        assertTrue(Api.delete("/images/" + Digest.hex(other.id()).substring(0, 12))
                .body()
                .endsWith("{\"Deleted\":\"" + chain + "\"},{\"Deleted\":\""
                        + Digest.of(other.layers().getFirst()) + "\"}]"));
        assertFalse(Api.blobs().contains(Digest.hex(Digest.of(image.layers().getFirst()))));
    }

    @Test
    void an_image_in_use_stays_as_docker_keeps_it() {
        TestImage image = TestImage.of("in use");
        Api.load(image.dockerArchive("used:1"));
        String id = Digest.shortened(image.id());

        containers.use(image.id(), new ContainerUse(CONTAINER, "box", "used:1", true));
        assertEquals(
                "conflict: unable to remove repository reference \"used:1\" (must force) - container c0ffeec0ffee is"
                        + " using its referenced image " + id,
                Api.delete("/images/used:1").message());
        assertEquals(
                "conflict: unable to delete " + id
                        + " (cannot be forced) - image is being used by running container c0ffeec0ffee",
                Api.delete("/images/" + id + "?force=1").message());
        assertEquals(
                "[{\"Untagged\":\"used:1\"}]",
                Api.delete("/images/used:1?force=1").body());
        containers.use(image.id(), new ContainerUse(CONTAINER, "box", "used:1", false));
        assertEquals(
                new Api.Answer(
                        409,
                        TestImage.JSON
                                .valueToTree(
                                        Map.of(
                                                "message",
                                                "conflict: unable to delete " + id
                                                        + " (must be forced) - image is being used by stopped container c0ffeec0ffee"))
                                .toString()),
                Api.delete("/images/" + id));
        assertEquals(200, Api.delete("/images/" + id + "?force=1").status());
    }

    @Test
    void what_is_not_there_says_so() {
        assertEquals(501, Api.post("/build", new byte[0]).status());
        assertEquals(501, Api.post("/images/prune", new byte[0]).status());
        assertEquals(
                "docker import is not supported by Gantry",
                Api.post("/images/create?fromSrc=-", new byte[0]).message());
    }

    private static JsonNode list(String filters) {
        return Api.get("/images/json?filters=" + Api.encoded(filters)).json();
    }

    private static List<String> tags(String filters) {
        return StreamSupport.stream(list(filters).spliterator(), false)
                .flatMap(line -> StreamSupport.stream(line.path("RepoTags").spliterator(), false))
                .map(JsonNode::asText)
                .toList();
    }
}
