package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.network.address.IpFamily;
import java.util.Collection;
import java.util.List;

/** Ports of a container that is reached by its own address: published, they are open there, and take none of the host's. */
public final class OpenPorts {
    private OpenPorts() {}

    /** @param families in which the container is reached so */
    public static List<PublishedPort> of(ConnectRequest request, Collection<IpFamily> families) {
        return families.stream()
                .flatMap(family -> WantedPort.of(request).stream()
                        .map(port -> new PublishedPort(
                                port.protocol(), family == IpFamily.V4 ? "0.0.0.0" : "::", 0, port.containerPort())))
                .distinct()
                .toList();
    }
}
