package dev.gantry.image.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.service.outbox.KafkaAccess;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class FactsIT {
    @Test
    void what_happens_to_an_image_is_published_in_order() throws IOException {
        TestImage image = TestImage.of("eventful").label("mood", "calm");
        Api.load(image.dockerArchive("eventful:1"));
        Api.post("/images/eventful:1/tag?repo=other&tag=2", new byte[0]);
        Api.bytes("/images/eventful:1/get");
        Api.delete("/images/eventful:1");
        Api.delete("/images/other:2");

        List<JsonNode> facts = facts(image.id(), 6);

        assertEquals(
                List.of("load", "tag", "save", "untag", "untag", "delete"),
                facts.stream().map(fact -> fact.at("/data/action").asText()).toList());
        assertEquals("other:2", facts.get(1).at("/data/attributes/name").asText());
        assertEquals("calm", facts.get(1).at("/data/attributes/mood").asText());
        assertEquals(image.id(), facts.get(5).at("/data/attributes/name").asText());
        assertEquals(
                "[\"" + Digest.of(image.layers().getFirst()) + "\"]",
                facts.get(5).at("/data/detail/chains").toString());
    }

    private static List<JsonNode> facts(String subject, int count) throws IOException {
        Map<String, Object> options = new HashMap<>(KafkaAccess.of(ConfigProvider.getConfig()));
        options.putAll(Map.of("group.id", "facts-it", "auto.offset.reset", "earliest"));
        List<JsonNode> facts = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(options, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("gantry.images"));
            for (int i = 0; i < 100 && facts.size() < count; i++) {
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                    if (each.key().equals(subject)) {
                        facts.add(TestImage.JSON.readTree(each.value()));
                    }
                }
            }
        }
        return facts;
    }
}
