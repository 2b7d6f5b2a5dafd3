package dev.gantry.image.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.outbox.Outbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.TreeMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** What happened to images, as {@code docker events} shows it. */
@ApplicationScoped
public class ImageFacts {
    private final Outbox outbox;
    private final ObjectMapper json;

    ImageFacts(ObjectMapper json) {
        this.outbox = new Outbox(ImageSchema.NAME, json);
        this.json = json;
    }

    /**
     * Adds a fact to the session's transaction.
     *
     * @param subject the image's id; for {@code pull} and {@code push} the reference
     * @param name the event's {@code name} attribute
     */
    public Uni<Void> append(Mutiny.Session session, String action, String subject, String name, String labels) {
        return outbox.append(session, Fact.of("image", action, subject, attributes(name, labels), ""));
    }

    /**
     * Adds that an image is gone.
     *
     * @param chains {@code {"chains": [...]}}: stacks of layers that no image needs any more, top first
     */
    public Uni<Void> deleted(Mutiny.Session session, String imageId, JsonNode chains) {
        return outbox.append(
                session,
                Fact.of("image", "delete", imageId, attributes(imageId, null), "")
                        .with(chains));
    }

    private Map<String, String> attributes(String name, String labels) {
        try {
            Map<String, String> attributes = labels == null
                    ? new TreeMap<>()
                    : json.readValue(labels, new TypeReference<TreeMap<String, String>>() {});
            attributes.put("name", name);
            return attributes;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("labels in the database are not JSON", e);
        }
    }
}
