package dev.gantry.network.endpoint;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.json.RequestJson;

/** Bodies of {@code docker network connect} and {@code disconnect}. */
public final class Membership {
    private Membership() {}

    /**
     * @param container name, id, or the beginning of the id
     * @param endpointConfig null for nothing wanted
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Connect(String container, EndpointSettings endpointConfig) {
        /** @throws EngineError.BadParameter for what is no such body */
        public static Connect parse(JsonNode body) {
            Connect parsed = read(body, Connect.class);
            requireName(parsed.container());
            return parsed;
        }
    }

    /** @param force also when nobody knows the container any more */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Disconnect(String container, boolean force) {
        /** @throws EngineError.BadParameter for what is no such body */
        public static Disconnect parse(JsonNode body) {
            Disconnect parsed = read(body, Disconnect.class);
            requireName(parsed.container());
            return parsed;
        }
    }

    private static <T> T read(JsonNode body, Class<T> type) {
        boolean none = body == null || body.isMissingNode() || body.isNull();
        return none ? RequestJson.convert(JsonNodeFactory.instance.objectNode(), type) : RequestJson.body(body, type);
    }

    private static void requireName(String container) {
        if (container == null || container.isEmpty()) {
            throw new EngineError.BadParameter("invalid name or ID supplied: \"\"");
        }
    }
}
