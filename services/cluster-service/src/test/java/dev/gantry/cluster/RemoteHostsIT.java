package dev.gantry.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.host.RemoteHosts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.util.Optional;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class RemoteHostsIT extends HostsPortCase {
    @Inject
    Vertx vertx;

    @Inject
    ObjectMapper json;

    @Override
    protected Hosts hosts() {
        return new RemoteHosts(vertx, json, Optional.of("http://127.0.0.1:" + RestAssured.port));
    }
}
