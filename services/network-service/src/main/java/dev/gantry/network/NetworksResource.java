package dev.gantry.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network;
import dev.gantry.network.create.CreateNetwork;
import dev.gantry.network.create.NetworkRequest;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.query.InspectNetwork;
import dev.gantry.network.query.ListNetworks;
import dev.gantry.network.query.NetworkFilter;
import dev.gantry.network.remove.PruneNetworks;
import dev.gantry.network.remove.RemoveNetwork;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** {@code docker network}. */
@Path("/networks")
public class NetworksResource {
    private final ListNetworks list;
    private final InspectNetwork inspect;
    private final FindNetwork find;
    private final CreateNetwork creation;
    private final RemoveNetwork removal;
    private final PruneNetworks prune;
    private final Background background;

    NetworksResource(
            ListNetworks list,
            InspectNetwork inspect,
            FindNetwork find,
            CreateNetwork creation,
            RemoveNetwork removal,
            PruneNetworks prune,
            Background background) {
        this.list = list;
        this.inspect = inspect;
        this.find = find;
        this.creation = creation;
        this.removal = removal;
        this.prune = prune;
        this.background = background;
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
        return background.await(() -> removal.remove(term));
    }

    @POST
    @Path("/create")
    @ResponseStatus(201)
    public Uni<Network.Created> create(JsonNode body) {
        NetworkRequest request = NetworkRequest.parse(body);
        return background.await(() -> creation.create(request));
    }

    @POST
    @Path("/prune")
    public Uni<Network.Pruned> prune(@RestQuery String filters) {
        return background.await(() -> prune.prune(filters));
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
                "connecting and disconnecting a container that exists is not supported yet: name its networks when it is made");
    }
}
