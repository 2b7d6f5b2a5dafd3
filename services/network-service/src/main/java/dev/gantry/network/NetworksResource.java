package dev.gantry.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.json.Truth;
import dev.gantry.engine.network.Network;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.network.create.CreateNetwork;
import dev.gantry.network.create.NetworkRequest;
import dev.gantry.network.endpoint.ForgottenEndpoints;
import dev.gantry.network.endpoint.Membership;
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
import jakarta.ws.rs.HeaderParam;
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
    private final Containers containers;
    private final ForgottenEndpoints forgotten;
    private final Background background;

    NetworksResource(
            ListNetworks list,
            InspectNetwork inspect,
            FindNetwork find,
            CreateNetwork creation,
            RemoveNetwork removal,
            PruneNetworks prune,
            Containers containers,
            ForgottenEndpoints forgotten,
            Background background) {
        this.list = list;
        this.inspect = inspect;
        this.find = find;
        this.creation = creation;
        this.removal = removal;
        this.prune = prune;
        this.containers = containers;
        this.forgotten = forgotten;
        this.background = background;
    }

    @GET
    public Uni<List<Network>> list(@RestQuery String filters, @HeaderParam(ApiVersion.HEADER) String version) {
        // Later clients ask for a network's containers by its inspection.
        boolean endpoints = ApiVersion.ofHeader(version).before(1, 28);
        return list.list(NetworkFilter.parse(filters), endpoints);
    }

    /** @param scope only a network of this scope will do */
    @GET
    @Path("/{term: .+}")
    public Uni<Network> inspect(@RestPath String term, @RestQuery String scope, @RestQuery String verbose) {
        // Of tasks, which nobody has without a swarm.
        if (verbose != null && !verbose.isEmpty() && Truth.parse(verbose).isEmpty()) {
            throw new EngineError.BadParameter(
                    "invalid value for verbose: %s: strconv.ParseBool: parsing \"%s\": invalid syntax"
                            .formatted(verbose, verbose));
        }
        return inspect.inspect(term, scope);
    }

    @DELETE
    @Path("/{term: .+}")
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
    @Path("/{term: .+}/connect")
    @ResponseStatus(200)
    public Uni<Void> connect(@RestPath String term, JsonNode body) {
        Membership.Connect wish = Membership.Connect.parse(body);
        return containers.connect(wish.container(), new Containers.Connection(term, wish.endpointConfig()));
    }

    @POST
    @Path("/{term: .+}/disconnect")
    @ResponseStatus(200)
    public Uni<Void> disconnect(@RestPath String term, JsonNode body) {
        Membership.Disconnect wish = Membership.Disconnect.parse(body);
        Uni<Void> done = containers.disconnect(wish.container(), new Containers.Departure(term, wish.force()));
        return wish.force()
                ? done.onFailure(EngineError.NotFound.class).recoverWithUni(() -> find.find(term)
                        .chain(network -> background.await(() -> forgotten.release(network, wish.container()))))
                : done;
    }
}
