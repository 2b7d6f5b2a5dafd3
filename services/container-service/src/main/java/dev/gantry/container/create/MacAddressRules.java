package dev.gantry.container.create;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.network.AskedNetworks;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import java.util.LinkedHashMap;
import java.util.Map;

/** Clients before 1.44 give one MAC address for a container, later ones one for each of its networks. As dockerd 26. */
final class MacAddressRules {
    static final String DEPRECATED = "The container-wide MacAddress field is now deprecated."
            + " It should be specified in EndpointsConfig instead.";

    private MacAddressRules() {}

    /** The request with addresses at its endpoints, and that of the main one beside them, where {@code inspect} shows it. */
    static CreateRequest apply(CreateRequest request, ApiVersion version) {
        String wide =
                request.config().macAddress() == null ? "" : request.config().macAddress();
        String mode = request.hostConfig().networkMode();
        Map<String, EndpointSettings> endpoints = new LinkedHashMap<>();
        request.endpoints().forEach((network, settings) -> endpoints.put(AskedNetworks.named(network, mode), settings));
        if (version.before(1, 44)) {
            if (!wide.isEmpty() && !takesAddress(mode)) {
                throw new EngineError.BadParameter("conflicting options: mac-address and the network mode");
            }
            // There is one at most, whatever the client calls it; the address that it has itself was no part of the
            // API.
            endpoints.replaceAll((network, settings) -> settings.withMacAddress(wide));
        } else if (!wide.isEmpty() && takesAddress(mode) && !endpoints.isEmpty()) {
            String main = AskedNetworks.named(mode);
            EndpointSettings settings = endpoints.get(main);
            if (settings == null) {
                throw new EngineError.BadParameter("if a container-wide MAC address is supplied, HostConfig.NetworkMode"
                        + " must match the identity of a network in NetworkSettings.Networks");
            }
            if (!settings.macAddress().isEmpty() && !settings.macAddress().equals(wide)) {
                throw new EngineError.BadParameter("the container-wide MAC address must match the endpoint-specific MAC"
                        + " address for the main network, or be left empty");
            }
            endpoints.put(main, settings.withMacAddress(wide));
        }
        if (!wide.isEmpty() && takesAddress(mode) && endpoints.isEmpty()) {
            endpoints.put(AskedNetworks.named(mode), AskedNetworks.NOTHING.withMacAddress(wide));
        }
        EndpointSettings main = endpoints.get(AskedNetworks.named(mode));
        String shown = main == null ? "" : main.macAddress();
        return new CreateRequest(
                withAddress(request.config(), version.before(1, 44) ? wide : shown), request.hostConfig(), endpoints);
    }

    /** Whether a client is told that its container-wide address is out of date. */
    static boolean isDeprecated(CreateRequest request, ApiVersion version) {
        String wide = request.config().macAddress();
        return wide != null && !wide.isEmpty() && !version.before(1, 44);
    }

    private static boolean takesAddress(String mode) {
        return !mode.equals("host") && !mode.equals("none") && !mode.startsWith("container:");
    }

    private static ContainerConfig withAddress(ContainerConfig config, String address) {
        if (address.equals(config.macAddress() == null ? "" : config.macAddress())) {
            return config;
        }
        ObjectNode tree = (ObjectNode) StoredJson.tree(config);
        tree.put("MacAddress", address);
        return RequestJson.convert(tree, ContainerConfig.class);
    }
}
