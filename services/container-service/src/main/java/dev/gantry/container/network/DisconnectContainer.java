package dev.gantry.container.network;

import dev.gantry.container.network.ChangeNetworks.Change;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** {@code docker network disconnect}. */
@ApplicationScoped
public class DisconnectContainer {
    private final Operations operations;
    private final Networks networks;
    private final ChangeNetworks change;

    DisconnectContainer(Operations operations, Networks networks, ChangeNetworks change) {
        this.operations = operations;
        this.networks = networks;
        this.change = change;
    }

    /**
     * @param network as the client wrote it
     * @param force also where the network is no more, and the container runs
     */
    public Uni<Void> disconnect(String reference, String network, boolean force) {
        return operations.find(reference).chain(container -> networks.find(network, null)
                .onFailure(EngineError.NotFound.class)
                .recoverWithUni(gone -> forget(reference, network, force, gone))
                .chain(found -> found == null ? Uni.createFrom().voidItem() : leave(reference, found)));
    }

    /** A network that is no more can still be in the way of a start. */
    private Uni<Networks.Found> forget(String reference, String network, boolean force, Throwable gone) {
        return operations.idle(reference, (session, row) -> {
            if (row.state() instanceof ContainerState.Alive && !force) {
                return Uni.createFrom().failure(gone);
            }
            requirePresence(row);
            AskedNetworks on = AskedNetworks.of(row);
            if (!on.remove(network)) {
                throw new EngineError.Failed("container " + row.id + " is not connected to the network " + network);
            }
            row.endpoints = on.column();
            return Uni.createFrom().nullItem();
        });
    }

    private Uni<Void> leave(String reference, Networks.Found network) {
        return operations
                .idle(reference, (session, row) -> Uni.createFrom().item(new Left(begin(row, network), row)))
                .chain(left -> left.change() == null
                        ? networks.left(left.row().id, left.row().hostId, network.id())
                        : change.carryOut(left.change()));
    }

    /** @param change null for a container that does not run */
    private record Left(Change change, ContainerEntity row) {}

    private Change begin(ContainerEntity row, Networks.Found network) {
        requirePresence(row);
        boolean alive = row.state() instanceof ContainerState.Alive;
        AskedNetworks on = AskedNetworks.of(row);
        if (alive && network.name().equals("host") && on.has(network)) {
            throw new EngineError.BadParameter(ChangeNetworks.NOT_HOST);
        }
        String before = row.endpoints;
        if (!on.remove(network)) {
            throw new EngineError.Failed("container " + row.id + " is not connected to " + (alive ? "" : "the ")
                    + "network " + network.name());
        }
        row.endpoints = on.column();
        return change.begin(row, before);
    }

    private static void requirePresence(ContainerEntity row) {
        if (row.state() instanceof ContainerState.Removing || row.state() instanceof ContainerState.Dead) {
            throw ChangeNetworks.markedForRemoval(row);
        }
    }
}
