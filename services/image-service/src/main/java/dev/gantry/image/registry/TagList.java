package dev.gantry.image.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code GET /v2/<name>/tags/list}. */
public final class TagList {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TagList() {}

    public static Uni<List<String>> fetch(RegistrySession session) {
        return session.send(HttpMethod.GET, session.url("tags/list"), Map.of())
                .chain(SmallBody::read)
                .map(SmallBody::orFail)
                .map(TagList::tags);
    }

    private static List<String> tags(SmallBody answer) {
        try {
            List<String> tags = new ArrayList<>();
            JSON.readTree(answer.body().getBytes()).path("tags").forEach(tag -> tags.add(tag.asText()));
            return tags;
        } catch (IOException e) {
            throw RegistryFailure.lied("error unmarshalling content: the list of tags is not JSON");
        }
    }
}
