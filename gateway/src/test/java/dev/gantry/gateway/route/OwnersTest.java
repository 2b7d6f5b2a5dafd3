package dev.gantry.gateway.route;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwnersTest {
    private static final Map<String, String> SEPARATE = Map.of(
            "gantry.image-service.url", "http://127.0.0.1:1",
            "gantry.container-service.url", "unix:///run/container-service.sock",
            "gantry.network-service.url", "https://services.example:9073",
            "gantry.event-service.url", "http://127.0.0.1:4");

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void a_gateway_of_its_own_must_know_every_service() {
        assertDoesNotThrow(() -> new Owners(vertx, config(SEPARATE)));
        for (String setting : SEPARATE.keySet()) {
            Map<String, String> settings = new HashMap<>(SEPARATE);
            settings.put(setting, "");

            var error = assertThrows(IllegalStateException.class, () -> new Owners(vertx, config(settings)));

            String service = setting.replaceAll("gantry\\.(.*)\\.url", "$1");
            assertEquals(
                    setting + " is not set: the gateway runs without " + service + " and must know where it is",
                    error.getMessage());
        }
    }

    @Test
    void a_service_in_the_same_process_needs_no_url() {
        Map<String, String> settings = new HashMap<>(SEPARATE);
        settings.remove("gantry.event-service.url");
        settings.put("gantry.event-service.here", "true");

        assertDoesNotThrow(() -> new Owners(vertx, config(settings)));
    }

    private static Config config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .build();
    }
}
