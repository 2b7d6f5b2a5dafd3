package dev.gantry.image.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.system.DockerRelease;
import dev.gantry.image.manifest.ImageConfig;
import java.time.Instant;
import java.util.TreeMap;

/** The configuration of an image that is committed: its parent's history and layers and one more, in dockerd's form. */
record CommittedConfig(Images.Commit wish, ImageConfig parent, Instant at) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param diffId of the new layer; null for none */
    byte[] bytes(String diffId) {
        TreeMap<String, JsonNode> members = new TreeMap<>();
        for (String inherited : new String[] {"architecture", "os", "os.version", "os.features", "variant"}) {
            if (parent.json().hasNonNull(inherited)) {
                members.put(inherited, parent.json().get(inherited));
            }
        }
        ObjectNode own = JSON.createObjectNode();
        put(own, "author", wish.author());
        own.set("config", tree(wish.config()));
        own.put("container", wish.container());
        own.set("container_config", tree(wish.containerConfig()));
        own.put("created", at.toString());
        own.put("docker_version", DockerRelease.VERSION);
        own.set("history", history(diffId == null));
        own.putObject("rootfs").put("type", "layers").set("diff_ids", diffIds(diffId));
        own.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        try {
            // Sorted, as dockerd's are.
            return JSON.writeValueAsBytes(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private ArrayNode history(boolean empty) {
        ArrayNode history = JSON.createArrayNode();
        parent.json().path("history").forEach(history::add);
        ObjectNode step = history.addObject().put("created", at.toString());
        put(step, "author", wish.author());
        put(
                step,
                "created_by",
                wish.containerConfig().cmd() == null
                        ? ""
                        : String.join(" ", wish.containerConfig().cmd()));
        put(step, "comment", wish.comment());
        if (empty) {
            step.put("empty_layer", true);
        }
        return history;
    }

    private ArrayNode diffIds(String diffId) {
        ArrayNode diffIds = JSON.createArrayNode();
        parent.diffIds().forEach(diffIds::add);
        return diffId == null ? diffIds : diffIds.add(diffId);
    }

    private static JsonNode tree(ContainerConfig config) {
        ObjectNode tree = JSON.valueToTree(config);
        // Of one container alone.
        tree.remove("MacAddress");
        return tree;
    }

    private static void put(ObjectNode object, String member, String text) {
        if (text != null && !text.isEmpty()) {
            object.put(member, text);
        }
    }
}
