package dev.gantry.container.create;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.json.RequestJson;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Body of {@code POST /containers/create}: the fields of {@code ContainerConfig} beside {@code HostConfig} and {@code
 * NetworkingConfig}.
 *
 * @param endpoints {@code NetworkingConfig.EndpointsConfig}, by network name or id
 */
public record CreateRequest(ContainerConfig config, HostConfig hostConfig, Map<String, EndpointSettings> endpoints) {

    private static final Set<String> FIELDS = Stream.of(ContainerConfig.class.getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toCollection(() -> new TreeSet<>(String.CASE_INSENSITIVE_ORDER)));

    /** Names of fields are matched in any case, as by Go's decoder. */
    public static CreateRequest parse(JsonNode body) {
        if (body == null || body.isMissingNode() || body.isNull()) {
            throw emptyConfig();
        }
        RequestJson.checkText(body);
        Beside beside = RequestJson.convert(body, Beside.class);
        ContainerConfig config = RequestJson.convert(body, ContainerConfig.class);
        HostConfig host = OldHostConfig.of(body, beside.hostConfig());
        if (!saysConfig(body)) {
            throw emptyConfig();
        }
        return new CreateRequest(config, host, beside.endpoints());
    }

    /** The configuration in a body that need not have one. */
    public static Optional<ContainerConfig> configIn(JsonNode body) {
        if (body == null || body.isMissingNode() || body.isNull()) {
            return Optional.empty();
        }
        RequestJson.checkText(body);
        ContainerConfig config = RequestJson.convert(body, ContainerConfig.class);
        return saysConfig(body) ? Optional.of(config) : Optional.empty();
    }

    private static EngineError.BadParameter emptyConfig() {
        return new EngineError.BadParameter("config cannot be empty in order to create a container");
    }

    CreateRequest with(HostConfig other) {
        return new CreateRequest(config, other, endpoints);
    }

    /** As clients before 1.44 are understood, whose health checks have none. */
    CreateRequest withoutStartInterval() {
        if (config.healthcheck() == null) {
            return this;
        }
        ObjectNode tree = (ObjectNode) StoredJson.tree(config);
        tree.set(
                "Healthcheck",
                HealthConfig.of(config.healthcheck()).withoutStartInterval().json());
        return new CreateRequest(RequestJson.convert(tree, ContainerConfig.class), hostConfig, endpoints);
    }

    /** Go's decoder makes a configuration as soon as one of its fields is there, whatever it says. */
    private static boolean saysConfig(JsonNode body) {
        return body.properties().stream().map(Map.Entry::getKey).anyMatch(FIELDS::contains);
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Beside(HostConfig hostConfig, NetworkingConfig networkingConfig) {
        Map<String, EndpointSettings> endpoints() {
            Map<String, EndpointSettings> endpoints = new LinkedHashMap<>();
            if (networkingConfig != null && networkingConfig.endpointsConfig() != null) {
                networkingConfig.endpointsConfig().forEach((network, settings) -> {
                    if (settings == null) {
                        throw new EngineError.BadParameter(
                                "invalid config for network " + network + ": EndpointsConfig is nil");
                    }
                    endpoints.put(network, settings);
                });
            }
            return endpoints;
        }
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record NetworkingConfig(Map<String, EndpointSettings> endpointsConfig) {}
}
