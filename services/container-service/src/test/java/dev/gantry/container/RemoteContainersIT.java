package dev.gantry.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.container.RemoteContainerUsage;
import dev.gantry.engine.container.RemoteContainers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.util.Optional;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class RemoteContainersIT extends ContainersPortCase {
    @Inject
    Vertx vertx;

    @Inject
    ObjectMapper json;

    @Override
    protected Containers containers() {
        return new RemoteContainers(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }

    @Override
    protected ContainerUsage usage() {
        return new RemoteContainerUsage(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }
}
