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
    private record Asked(String endpoints, String networkMode) {}

    private final Map<Asked, RawJson> known = new HashMap<>();

    RawJson of(String endpoints, String networkMode) {
        return known.computeIfAbsent(
                new Asked(endpoints, networkMode),
                asked -> new RawJson(
                        StoredJson.write(Attachments.endpoints(null, asked.endpoints(), asked.networkMode()))));
    }
}
