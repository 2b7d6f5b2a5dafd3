package dev.gantry.cluster;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.peer.PeerEndpoint;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Set;

/** Where agents register; {@link Hosts} over HTTP, for services in other processes. */
@Path("/internal/cluster-service/hosts")
public class HostsResource {
    private final HostRegistry hosts;

    HostsResource(HostRegistry hosts) {
        this.hosts = hosts;
    }

    @GET
    public Uni<List<Hosts.Host>> list() {
        return hosts.list();
    }

    @GET
    @Path("{id}")
    public Uni<Hosts.Host> get(String id) {
        return hosts.get(id);
    }

    @POST
    @Path("place")
    public Uni<Hosts.Host> place(Set<String> tied) {
        return hosts.place(tied);
    }

    @PUT
    @Path("{id}")
    public Uni<Void> register(
            String id, @HeaderParam(PeerEndpoint.PEER_HEADER) String peer, HostDescription description) {
        if (description == null || !id.equals(description.id())) {
            throw new EngineError.BadParameter("a host describes itself under its own id");
        }
        return hosts.register(description, peer);
    }
}
