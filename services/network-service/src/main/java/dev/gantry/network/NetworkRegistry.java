package dev.gantry.network;

import dev.gantry.engine.network.Networks;
import dev.gantry.network.endpoint.ConnectContainer;
import dev.gantry.network.endpoint.DisconnectContainer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;

/** The port {@link Networks}, where this service is in the same process. */
@ApplicationScoped
public class NetworkRegistry implements Networks {
    private final ConnectContainer connect;
    private final DisconnectContainer disconnect;
    private final FindNetwork find;

    NetworkRegistry(ConnectContainer connect, DisconnectContainer disconnect, FindNetwork find) {
        this.connect = connect;
        this.disconnect = disconnect;
        this.find = find;
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
    public Uni<Void> ended(String containerId, Instant at) {
        return disconnect.disconnect(containerId, at);
    }

    @Override
    public Uni<Attachment> reassignPorts(ConnectRequest request, List<Integer> taken) {
        return connect.connect(request, taken);
    }

    @Override
    public Uni<NetworkIdentity> identify(String nameOrId) {
        return find.find(nameOrId).map(NetworkEntity::identity);
    }

    @Override
    public Uni<Long> count() {
        return find.count();
    }
}
