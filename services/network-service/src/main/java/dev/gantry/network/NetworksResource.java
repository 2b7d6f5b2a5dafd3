package dev.gantry.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.network.Network;
import dev.gantry.network.endpoint.EndpointEntity;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code docker network}. Networks of one's own come later: what would make or change one is refused. */
@Path("/networks")
public class NetworksResource {
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none");

    private final Mutiny.SessionFactory sessions;
    private final FindNetwork find;
    private final Containers containers;

    NetworksResource(Mutiny.SessionFactory sessions, FindNetwork find, Containers containers) {
        this.sessions = sessions;
        this.find = find;
        this.containers = containers;
    }

    @GET
    public Uni<List<Network>> list(@RestQuery String filters) {
        NetworkFilter filter = NetworkFilter.parse(filters);
        return find.all().chain(networks -> used().map(used -> networks.stream()
                .filter(network -> filter.admits(network, used))
                .map(network -> NetworkView.of(network, List.of()))
                .toList()));
    }

    /** @param scope only a network of this scope will do */
    @GET
    @Path("/{term}")
    public Uni<Network> inspect(@RestPath String term, @RestQuery String scope) {
        return find.find(term)
                .invoke(network -> {
                    if (scope != null && !scope.isEmpty() && !scope.equals(NetworkEntity.LOCAL)) {
                        throw new EngineError.NotFound("network " + term + " not found");
                    }
                })
                .chain(network -> endpoints(network)
                        .chain(endpoints -> stillRunning(network, endpoints))
                        .map(endpoints -> NetworkView.of(network, endpoints)));
    }

    @DELETE
    @Path("/{term}")
    public Uni<Void> remove(@RestPath String term) {
        return find.find(term).map(network -> {
            throw network.predefined
                    ? new EngineError.Forbidden(network.name + " is a pre-defined network and cannot be removed")
                    : notYet();
        });
    }

    @POST
    @Path("/create")
    public Uni<Void> create(JsonNode body) {
        String name = body == null ? "" : body.path("Name").asText("");
        throw PREDEFINED.contains(name)
                ? new EngineError.Forbidden("operation is not permitted on predefined " + name + " network")
                : notYet();
    }

    @POST
    @Path("/prune")
    public Uni<Void> prune() {
        throw notYet();
    }

    @POST
    @Path("/{term}/{verb: connect|disconnect}")
    public Uni<Void> change(@RestPath String term, @RestPath String verb) {
        return find.find(term).map(network -> {
            throw notYet();
        });
    }

    private Uni<Set<String>> used() {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "select distinct e.networkId from EndpointEntity e", String.class)
                .getResultList()
                .map(HashSet::new));
    }

    private Uni<List<EndpointEntity>> endpoints(NetworkEntity network) {
        return sessions.withSession(session -> session.createSelectionQuery(
                        "from EndpointEntity e where e.networkId = :network order by e.connectedAt",
                        EndpointEntity.class)
                .setParameter("network", network.id)
                .getResultList());
    }

    /**
     * Endpoints are freed by an event after their container has ended; a client that ended it must not see them until
     * then. With container-service away all are shown.
     */
    private Uni<List<EndpointEntity>> stillRunning(NetworkEntity network, List<EndpointEntity> endpoints) {
        if (endpoints.isEmpty()) {
            return Uni.createFrom().item(endpoints);
        }
        return containers
                .usingNetwork(network.id)
                .map(uses -> uses.stream()
                        .filter(Containers.ContainerUse::running)
                        .map(Containers.ContainerUse::id)
                        .collect(Collectors.toSet()))
                .map(running -> endpoints.stream()
                        .filter(endpoint -> running.contains(endpoint.containerId))
                        .toList())
                .onFailure()
                .recoverWithItem(endpoints);
    }

    private static EngineError notYet() {
        return new EngineError.NotSupported(
                "user-defined networks are not supported yet: use the networks bridge, host or none");
    }
}
