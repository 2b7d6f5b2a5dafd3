package dev.gantry.network;

import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.RemoteNetworks;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.util.Optional;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class RemoteNetworksIT extends NetworksPortCase {
    @Inject
    Vertx vertx;

    @Override
    protected Networks networks() {
        return new RemoteNetworks(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }
}
