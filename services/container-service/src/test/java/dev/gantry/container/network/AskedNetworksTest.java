package dev.gantry.container.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.network.Networks.AttachedEndpoint;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.Found;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AskedNetworksTest {
    private static final String ID = "cafe" + "1".repeat(60);
    private static final String OTHER = "cafe" + "2".repeat(60);

    @Test
    void start_writes_name_and_id_beside_what_was_asked_for() {
        ContainerEntity row = row("{\"cafe1\":{\"Aliases\":[\"a\"],\"GwPriority\":3},\"other\":{}}");

        AskedNetworks.got(row, attachment("net", ID));

        JsonNode now = StoredJson.read(row.endpoints, JsonNode.class);
        assertEquals(ID, now.at("/net/NetworkID").asText());
        assertEquals("[\"c\",\"a\"]", now.at("/net/DNSNames").toString());
        assertEquals("[\"a\"]", now.at("/net/Aliases").toString());
        assertEquals(3, now.at("/net/GwPriority").asInt());
        assertEquals("", now.at("/net/IPAddress").asText());
        assertTrue(now.has("other"));
        assertFalse(now.has("cafe1"));
    }

    @Test
    void what_means_the_standard_network_as_a_mode_is_one_beside_such_a_mode_only() {
        assertEquals(Set.of("bridge"), ofNew("default", "default"));
        assertEquals(Set.of("bridge", "net"), ofNew("default", "default", "net"));
        assertEquals(Set.of("default"), ofNew("bridge", "default"));
        assertEquals(Set.of("default"), ofNew("net", "default"));
        assertEquals(Set.of(""), ofNew("default", ""));
        assertEquals(Set.of("bridge"), ofNew("default"));
    }

    private static Set<String> ofNew(String mode, String... networks) {
        return AskedNetworks.ofNew(
                        mode, Stream.of(networks).collect(Collectors.toMap(one -> one, _ -> AskedNetworks.NOTHING)))
                .keySet();
    }

    @Test
    void nothing_new_leaves_the_row_alone() {
        ContainerEntity row = row("{\"net\":{}}");
        AskedNetworks.got(row, attachment("net", ID));
        String once = row.endpoints;

        AskedNetworks.got(row, attachment("net", ID));

        assertTrue(once == row.endpoints);
    }

    @Test
    void network_whose_id_is_known_is_no_other() {
        AskedNetworks asked = AskedNetworks.of(row("{\"cafe\":{\"NetworkID\":\"%s\"},\"net\":{}}".formatted(ID)));

        assertTrue(asked.has(new Found(ID, "renamed")));
        assertFalse(asked.has(new Found(OTHER, "another")), "the name is the beginning of its id");
        assertFalse(asked.has(new Found(OTHER, "cafe")), "made anew");
        assertTrue(asked.has(new Found(OTHER, "net")));
    }

    @Test
    void container_leaves_a_network_that_was_made_anew_or_is_gone() {
        AskedNetworks asked = AskedNetworks.of(
                row("{\"cafe\":{\"NetworkID\":\"%s\"},\"net\":{\"NetworkID\":\"%s\"}}".formatted(ID, OTHER)));

        assertTrue(asked.remove(new Found("beef" + "3".repeat(60), "cafe")));
        assertFalse(asked.remove(new Found("beef" + "3".repeat(60), "cafe")));
        assertTrue(asked.remove(OTHER.substring(0, 12)));
        assertTrue(asked.isEmpty());
    }

    private static ContainerEntity row(String endpoints) {
        ContainerEntity row = new ContainerEntity();
        row.endpoints = endpoints;
        return row;
    }

    private static Attachment attachment(String name, String id) {
        AttachedEndpoint endpoint = new AttachedEndpoint(
                name,
                id,
                "e",
                "10.0.0.1",
                "10.0.0.2",
                24,
                "",
                "",
                0,
                "02:42:0a:00:00:02",
                List.of(),
                List.of("c", "a"));
        return new Attachment(new NetworkPlan(NetworkPlan.Kind.NETWORKS, "", List.of()), List.of(endpoint), Map.of());
    }
}
