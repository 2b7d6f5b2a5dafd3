package dev.gantry.service.start;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.settings.RefusedStart;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServersMainTest {
    private static final Map<String, String> COMPLETE = Map.of(
            "gantry.postgres.jdbc-url", "jdbc:postgresql://h/gantry",
            "gantry.postgres.reactive-url", "postgresql://h/gantry",
            "gantry.kafka.bootstrap-servers", "h:9092");

    @Test
    void process_that_is_told_of_both_servers_starts() {
        assertDoesNotThrow(() -> require(COMPLETE));
    }

    @ParameterizedTest
    @CsvSource({
        "gantry.postgres.jdbc-url, keeps its state in PostgreSQL",
        "gantry.postgres.reactive-url, keeps its state in PostgreSQL",
        "gantry.kafka.bootstrap-servers, facts through Kafka"
    })
    void what_is_missing_is_named(String key, String why) {
        for (String nothing : new String[] {"", " "}) {
            Map<String, String> settings = new HashMap<>(COMPLETE);
            settings.put(key, nothing);

            String message =
                    assertThrows(RefusedStart.class, () -> require(settings)).getMessage();

            assertTrue(message.startsWith(key + " is not set: ") && message.contains(why), message);
        }
    }

    private static void require(Map<String, String> settings) {
        ServersMain.requireServers(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .build());
    }
}
