package dev.gantry.image.archive;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.TestImage;
import dev.gantry.image.content.Digest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class LoadIT {
    @Test
    void a_docker_archive_can_be_resolved_and_its_layers_fetched() {
        TestImage image = TestImage.of("a layer", "another");

        String answer = load(image.dockerArchive("load-it:1"))
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertTrue(answer.endsWith("{\"stream\":\"Loaded image: load-it:1\\n\"}\r\n"), answer);
        Response resolved = given().queryParam("reference", "load-it:1").get("/internal/image-service/images/resolve");
        assertEquals(image.id(), resolved.path("id"));
        assertEquals(2, resolved.<Integer>path("layers.size()"));
        String digest = resolved.path("layers[1].digest");
        byte[] blob = given().get("/internal/image-service/content/" + digest).asByteArray();
        assertEquals(digest, Digest.of(blob));
        byte[] part = given().header("Range", "bytes=100-199")
                .get("/internal/image-service/content/" + digest)
                .then()
                .statusCode(206)
                .extract()
                .asByteArray();
        assertArrayEquals(java.util.Arrays.copyOfRange(blob, 100, 200), part);
    }

    private static Response load(byte[] archive) {
        return given().contentType("application/x-tar").body(archive).post("/images/load");
    }
}
