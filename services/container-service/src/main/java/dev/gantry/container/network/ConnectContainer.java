package dev.gantry.container.network;

import dev.gantry.container.network.ChangeNetworks.Change;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Operations;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.network.Networks;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code docker network connect}. One that does not run has its place on the network with its next start. */
@ApplicationScoped
public class ConnectContainer {
    private final Operations operations;
    private final Networks networks;
    private final ChangeNetworks change;

    ConnectContainer(Operations operations, Networks networks, ChangeNetworks change) {
        this.operations = operations;
        this.networks = networks;
        this.change = change;
    }

    /**
     * @param network as the client wrote it
     * @param asked null for nothing; its network's id comes before what the client wrote elsewhere
     */
    public Uni<Void> connect(String reference, String network, EndpointSettings asked) {
        EndpointSettings settings = asked == null ? AskedNetworks.NOTHING : asked;
        // As dockerd: the container is looked for first.
        return operations
                .find(reference)
                .invoke(() -> AskedNetworks.check(settings))
                .chain(() -> networks.find(
                        settings.networkId().isEmpty() ? network : settings.networkId(), WantedEndpoints.of(settings)))
                .chain(found -> operations.idle(
                        reference, (session, row) -> Uni.createFrom().item(begin(row, found, asked))))
                .chain(change::carryOut);
    }

    private Change begin(ContainerEntity row, Networks.Found network, EndpointSettings asked) {
        AskedNetworks on = AskedNetworks.of(row);
        check(row, on, network);
        boolean present = on.has(network);
        if (present && row.state() instanceof ContainerState.Alive) {
            throw new EngineError.Forbidden(
                    "endpoint with name " + row.name + " already exists in network " + network.name());
        }
        String before = row.endpoints;
        // As dockerd: what was asked for first stays.
        if (!present) {
            EndpointSettings settings = asked == null ? AskedNetworks.NOTHING : asked;
            on.put(
                    network,
                    settings,
                    row.state() instanceof ContainerState.Alive ? null : names(row, network, settings));
            row.endpoints = on.column();
        }
        return change.begin(row, before);
    }

    /** By which others will find it, in dockerd's order; network-service gives the same with the endpoint. */
    private static List<String> names(ContainerEntity row, Networks.Found network, EndpointSettings settings) {
        if (AskedNetworks.isPredefined(network.name())) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>(List.of(row.name));
        names.addAll(settings.aliases() == null ? List.of() : settings.aliases());
        names.add(row.shortId());
        names.add(row.config().hostname());
        names.remove("");
        return List.copyOf(names);
    }

    private static void check(ContainerEntity row, AskedNetworks on, Networks.Found network) {
        if (row.state() instanceof ContainerState.Removing || row.state() instanceof ContainerState.Dead) {
            throw ChangeNetworks.markedForRemoval(row);
        }
        if (row.networkMode.startsWith("container:") || on.has("host")) {
            throw new EngineError.BadParameter("container sharing network namespace with another container or host"
                    + " cannot be connected to any other network");
        }
        if (row.config().networkDisabled()) {
            // dockerd says that it did it, and did nothing.
            throw new EngineError.BadParameter(
                    "container " + row.id + " was created without networks (NetworkDisabled)");
        }
        if (network.name().equals("host")) {
            throw new EngineError.BadParameter(ChangeNetworks.NOT_HOST);
        }
        boolean none = network.name().equals("none");
        if (on.has("none") && !none || none && !on.isEmpty() && !on.has("none")) {
            throw new EngineError.BadParameter("container cannot be connected to multiple networks with one of the"
                    + " networks in private (none) mode");
        }
    }
}
