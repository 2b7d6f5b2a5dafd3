package dev.gantry.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.RemoteImageUsage;
import dev.gantry.engine.image.RemoteImages;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.util.Optional;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class RemoteImagesIT extends ImagesPortCase {
    @Inject
    Vertx vertx;

    @Inject
    ObjectMapper json;

    @Override
    protected Images images() {
        return new RemoteImages(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }

    @Override
    protected ImageUsage usage() {
        return new RemoteImageUsage(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }
}
