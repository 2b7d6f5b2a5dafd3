package dev.gantry.container.query;

import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.json.RawJson;
import java.util.HashMap;
import java.util.Map;

/**
 * The endpoints of containers that are attached to nothing, as one listing shows them: they depend on what was asked for
 * only, which is the same for most.
 */
final class DetachedEndpoints {
    private final Map<String, RawJson> known = new HashMap<>();

    /** @param asked the column {@code endpoints} */
    RawJson of(String asked) {
        return known.computeIfAbsent(
                asked, column -> new RawJson(StoredJson.write(Attachments.endpoints(null, column))));
    }
}
