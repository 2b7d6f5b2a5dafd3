package dev.gantry.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.query.InspectNetwork;
import dev.gantry.network.query.ListNetworks;
import dev.gantry.network.query.NetworkFilter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code docker network}. Networks of one's own come later: what would make or change one is refused. */
@Path("/networks")
public class NetworksResource {
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none");

    private final ListNetworks list;
    private final InspectNetwork inspect;
    private final FindNetwork find;

    NetworksResource(ListNetworks list, InspectNetwork inspect, FindNetwork find) {
        this.list = list;
        this.inspect = inspect;
        this.find = find;
    }

    @GET
    public Uni<List<Network>> list(@RestQuery String filters) {
        return list.list(NetworkFilter.parse(filters));
    }

    /** @param scope only a network of this scope will do */
    @GET
    @Path("/{term}")
    public Uni<Network> inspect(@RestPath String term, @RestQuery String scope) {
        return inspect.inspect(term, scope);
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

    private static EngineError notYet() {
        return new EngineError.NotSupported(
                "user-defined networks are not supported yet: use the networks bridge, host or none");
    }
}
