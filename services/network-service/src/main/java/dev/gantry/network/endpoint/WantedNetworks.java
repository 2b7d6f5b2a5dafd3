package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.network.state.Driver;
import dev.gantry.network.state.NetworkEntity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks that a container is to be on, by name or id, in the order in which it gets interfaces there. */
final class WantedNetworks {
    private static final EndpointRequest NOTHING_ASKED = new EndpointRequest("", "", List.of());

    private WantedNetworks() {}

    /**
     * Those that the client gave settings for, that of the mode first; without any the mode's alone.
     *
     * @return with null for settings where there are none
     */
    static Map<String, EndpointRequest> of(ConnectRequest request) {
        Map<String, EndpointRequest> wanted = new LinkedHashMap<>();
        boolean none = request.endpoints() == null || request.endpoints().isEmpty();
        if (none || isAmong(request)) {
            wanted.put(mode(request), null);
        }
        if (!none) {
            request.endpoints().forEach((name, settings) -> wanted.put(named(name), settings));
        }
        return wanted;
    }

    /** @throws EngineError.BadParameter for networks that no container can be on together */
    static void check(List<NetworkEntity> wanted) {
        for (NetworkEntity network : wanted) {
            if (network.configOnly) {
                throw new EngineError.Forbidden("cannot create endpoint on configuration-only network");
            }
            if (wanted.size() > 1 && network.driver() instanceof Driver.Host) {
                throw new EngineError.BadParameter(
                        "container cannot be disconnected from host network or connected to host network");
            }
            if (wanted.size() > 1 && network.driver() instanceof Driver.None) {
                throw new EngineError.BadParameter("container cannot be connected to multiple networks with one of the"
                        + " networks in private (none) mode");
            }
        }
    }

    /** What was asked for on the network; nothing is null. */
    static EndpointRequest settings(ConnectRequest request, NetworkEntity network) {
        Map<String, EndpointRequest> wanted = of(request);
        EndpointRequest named = wanted.get(network.name);
        EndpointRequest settings = named == null ? wanted.get(network.id) : named;
        return settings == null ? NOTHING_ASKED : settings;
    }

    static String mode(ConnectRequest request) {
        return named(request.mode());
    }

    private static boolean isAmong(ConnectRequest request) {
        return request.endpoints().keySet().stream()
                .anyMatch(name -> named(name).equals(mode(request)));
    }

    private static String named(String mode) {
        return mode == null || mode.isEmpty() || mode.equals("default") ? "bridge" : mode;
    }
}
