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

    private static final String DEFAULT = "default";

    private static final int SHORTEST_ID = 4;

    private static final String NOT_HOST =
            "container cannot be disconnected from host network or connected to host network";

    private WantedNetworks() {}

    /** With what it wants there, that of the mode first. */
    static Map<String, EndpointRequest> of(ConnectRequest request) {
        Map<String, EndpointRequest> wanted = new LinkedHashMap<>();
        if (isAmong(request)) {
            wanted.put(mode(request), NOTHING_ASKED);
        }
        request.endpoints()
                .forEach((name, settings) ->
                        wanted.put(named(name, request), settings == null ? NOTHING_ASKED : settings));
        return wanted;
    }

    /** @throws EngineError.BadParameter for networks that no container can be on together */
    static void check(List<NetworkEntity> wanted) {
        for (NetworkEntity network : wanted) {
            if (network.configOnly) {
                throw new EngineError.Forbidden("cannot create endpoint on configuration-only network");
            }
            if (wanted.size() > 1 && network.driver() instanceof Driver.Host) {
                throw new EngineError.BadParameter(NOT_HOST);
            }
            if (wanted.size() > 1 && network.driver() instanceof Driver.None) {
                throw new EngineError.BadParameter("container cannot be connected to multiple networks with one of the"
                        + " networks in private (none) mode");
            }
        }
    }

    /** @throws EngineError.BadParameter when it would be on another network than the host's, whose mode it has */
    static void checkMode(ConnectRequest request, List<NetworkEntity> wanted) {
        if (mode(request).equals("host")
                && !wanted.stream().allMatch(network -> network.driver() instanceof Driver.Host)) {
            throw new EngineError.BadParameter(NOT_HOST);
        }
    }

    /** What was asked for on the network; nothing is null. */
    static EndpointRequest settings(ConnectRequest request, NetworkEntity network) {
        Map<String, EndpointRequest> wanted = of(request);
        EndpointRequest named = wanted.get(network.name);
        return named == null ? wanted.get(network.id) : named;
    }

    /** @param word a name or an id */
    static boolean means(String word, NetworkEntity network) {
        return network.name.equals(word) || network.id.equals(word);
    }

    /** Whether it is the network of the mode, which may have its name, its id, or the beginning of that. */
    static boolean isMain(ConnectRequest request, NetworkEntity network) {
        String mode = mode(request);
        return means(mode, network) || mode.length() >= SHORTEST_ID && network.id.startsWith(mode);
    }

    static String mode(ConnectRequest request) {
        return isStandard(request) ? "bridge" : request.mode();
    }

    private static boolean isStandard(ConnectRequest request) {
        return request.mode() == null
                || request.mode().isEmpty()
                || request.mode().equals(DEFAULT);
    }

    /** What is a network as a mode only, is none beside another. */
    private static String named(String name, ConnectRequest request) {
        return isStandard(request) && name.equals(DEFAULT) ? "bridge" : name;
    }

    private static boolean isAmong(ConnectRequest request) {
        return request.endpoints().keySet().stream()
                .anyMatch(name -> named(name, request).equals(mode(request)));
    }
}
