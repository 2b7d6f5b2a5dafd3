package dev.gantry.network;

import dev.gantry.engine.network.Networks;
import dev.gantry.network.endpoint.CheckEndpoints;
import dev.gantry.network.endpoint.ConnectContainer;
import dev.gantry.network.endpoint.DisconnectContainer;
import dev.gantry.network.host.BringNetworks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/** The port {@link Networks}, where this service is in the same process. */
@ApplicationScoped
public class NetworkRegistry implements Networks {
    private final ConnectContainer connect;
    private final DisconnectContainer disconnect;
    private final CheckEndpoints check;
    private final BringNetworks bring;

    NetworkRegistry(
            ConnectContainer connect, DisconnectContainer disconnect, CheckEndpoints check, BringNetworks bring) {
        this.connect = connect;
        this.disconnect = disconnect;
        this.check = check;
        this.bring = bring;
    }

    @Override
    public Uni<Attachment> connect(ConnectRequest request) {
        return connect.connect(request, List.of());
    }

    @Override
    public Uni<Void> disconnect(String containerId) {
        return disconnect.disconnect(containerId);
    }

    @Override
    public Uni<Void> keep(String containerId, List<String> networkIds) {
        return disconnect.keep(containerId, networkIds);
    }

    @Override
    public Uni<Void> left(String containerId, String hostId, String networkId) {
        return disconnect.left(containerId, hostId, networkId);
    }

    @Override
    public Uni<Found> find(String term, EndpointRequest asked) {
        return check.find(term, asked);
    }

    @Override
    public Uni<Attachment> reassignPorts(ConnectRequest request, List<Integer> taken) {
        return connect.connect(request, taken);
    }

    @Override
    public Uni<Map<String, Found>> check(Map<String, EndpointRequest> endpoints) {
        return check.check(endpoints);
    }

    @Override
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return bring.bring(hostId, networkIds);
    }
}
