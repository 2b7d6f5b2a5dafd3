package dev.gantry.service.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.Fact;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FittingEventTest {
    private final ObjectMapper json = new ObjectMapper();
    private final FittingEvent events = new FittingEvent(json, "/test");

    private CloudEvent written(Fact fact) throws Exception {
        String text = events.of(fact);
        assertTrue(text.getBytes(StandardCharsets.UTF_8).length <= FittingEvent.LARGEST, "size");
        return CloudEvent.parse(json, text);
    }

    private static Fact fact(Map<String, String> attributes) {
        return Fact.of("container", "die", "c1", attributes, "h1");
    }

    @Test
    void event_of_usual_size_is_whole() throws Exception {
        Map<String, String> attributes = Map.of("name", "web", "label", "x".repeat(100_000));

        assertEquals(attributes, written(fact(attributes)).data().attributes());
    }

    /** The second is six bytes a character as JSON. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "\u0001", "ü", "€", "😀"})
    void one_large_label_is_shortened_and_the_event_says_so(String character) throws Exception {
        String label = character.repeat(1_200_000);

        Map<String, String> kept = written(fact(Map.of("name", "web", "exitCode", "3", "label", label)))
                .data()
                .attributes();

        assertEquals("web", kept.get("name"));
        assertEquals("3", kept.get("exitCode"));
        assertTrue(kept.get("label").endsWith("…"));
        assertEquals("1 of 3 attributes", kept.get(FittingEvent.SHORTENED));
    }

    @Test
    void of_very_many_labels_some_are_left_out() throws Exception {
        Map<String, String> attributes = new HashMap<>(Map.of("name", "web"));
        for (int i = 0; i < 20_000; i++) {
            attributes.put("label-" + i, "x".repeat(100));
        }

        Map<String, String> kept = written(fact(attributes)).data().attributes();

        assertEquals("web", kept.get("name"));
        assertFalse(kept.size() >= attributes.size());
        assertTrue(kept.containsKey(FittingEvent.SHORTENED));
    }

    @Test
    void long_commands_and_details_are_cut() throws Exception {
        String command = "exec_create: " + "y".repeat(2_000_000);
        Fact large = Fact.of("container", command, "c1", Map.of("name", "web"), "h1")
                .with(new TextNode("z".repeat(2_000_000)));

        CloudEvent.Data data = written(large).data();

        assertTrue(data.action().startsWith("exec_create: yyy"));
        assertEquals(Map.of("name", "web", FittingEvent.SHORTENED, "the action, the detail"), data.attributes());
    }
}
