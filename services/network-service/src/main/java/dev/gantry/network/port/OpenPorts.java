package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.network.address.IpFamily;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Ports of a container that is reached by its own address: published, they are open there, and take none of the host's. */
public final class OpenPorts {
    /** Of a container: each is an element of the kernel's set. */
    private static final int MOST = 16_384;

    private static final Set<String> EVERY_ADDRESS = Set.of("", "0.0.0.0");

    private OpenPorts() {}

    /**
     * Those of one container, in runs. What is published on an address of one family is open in that family only, as with
     * dockerd.
     *
     * @param families in which the container is reached so
     * @param binding the address for ports that name none; empty for every address
     */
    public static List<PublishedPort> of(ConnectRequest request, Collection<IpFamily> families, String binding) {
        if (families.isEmpty()) {
            return List.of();
        }
        List<WantedPort> wanted = WantedPort.of(request);
        if (wanted.size() > MOST) {
            throw new EngineError.BadParameter(
                    "publishing %d ports is more than a container can have open: %d".formatted(wanted.size(), MOST));
        }
        return HostPorts.runs(families.stream()
                .flatMap(family -> wanted.stream()
                        .filter(port -> isOpen(port, family, binding))
                        .map(port -> new PublishedPort(
                                port.protocol(), family == IpFamily.V4 ? "0.0.0.0" : "::", 0, port.containerPort())))
                .distinct()
                .toList());
    }

    private static boolean isOpen(WantedPort port, IpFamily family, String binding) {
        return port.hostIp().isEmpty()
                ? family == IpFamily.V4 || EVERY_ADDRESS.contains(binding)
                : IpFamily.of(port.hostIp()) == family;
    }
}
