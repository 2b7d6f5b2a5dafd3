package dev.gantry.container.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.json.RequestJson;
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
        if (body == null || body.isEmpty()) {
            throw new EngineError.BadParameter("config cannot be empty in order to create a container");
        }
        StoredJson.checkText(body);
        return new CreateRequest(
                RequestJson.convert(body, ContainerConfig.class),
                RequestJson.convert(orEmpty(body.path("HostConfig")), HostConfig.class),
                endpoints(body.path("NetworkingConfig").path("EndpointsConfig")));
    }

    private static JsonNode orEmpty(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? JsonNodeFactory.instance.objectNode() : node;
    }

    private static Map<String, EndpointSettings> endpoints(JsonNode node) {
        Map<String, EndpointSettings> endpoints = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            endpoints.put(field.getKey(), RequestJson.convert(orEmpty(field.getValue()), EndpointSettings.class));
        }
        return endpoints;
    }
}
