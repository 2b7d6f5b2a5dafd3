package dev.gantry.container.create;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Body of {@code POST /containers/create}: the fields of {@code ContainerConfig} beside {@code HostConfig} and {@code
 * NetworkingConfig}.
 *
 * @param endpoints {@code NetworkingConfig.EndpointsConfig}, by network name or id
 */
public record CreateRequest(ContainerConfig config, HostConfig hostConfig, Map<String, EndpointSettings> endpoints) {

    public static CreateRequest parse(JsonNode body) {
        if (body == null || !body.isObject()) {
            throw new EngineError.BadParameter("Config cannot be empty in order to create a container");
        }
        StoredJson.checkText(body);
        try {
            JsonNode host = body.path("HostConfig");
            return new CreateRequest(
                    StoredJson.convert(body, ContainerConfig.class),
                    StoredJson.convert(
                            host.isObject() ? host : JsonNodeFactory.instance.objectNode(), HostConfig.class),
                    endpoints(body.path("NetworkingConfig").path("EndpointsConfig")));
        } catch (JsonProcessingException e) {
            throw new EngineError.BadParameter("invalid JSON: " + e.getOriginalMessage());
        }
    }

    private static Map<String, EndpointSettings> endpoints(JsonNode node) throws JsonProcessingException {
        Map<String, EndpointSettings> endpoints = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            JsonNode wanted = field.getValue().isObject() ? field.getValue() : JsonNodeFactory.instance.objectNode();
            endpoints.put(field.getKey(), StoredJson.convert(wanted, EndpointSettings.class));
        }
        return endpoints;
    }
}
