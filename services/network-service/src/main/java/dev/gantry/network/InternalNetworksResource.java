package dev.gantry.network;

import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortsTaken;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;

/** The port {@code Networks} over HTTP, for {@code RemoteNetworks}. */
@Path("/internal/network-service")
public class InternalNetworksResource {
    private final NetworkRegistry networks;

    InternalNetworksResource(NetworkRegistry networks) {
        this.networks = networks;
    }

    @POST
    @Path("/attachments")
    public Uni<Attachment> connect(ConnectRequest request) {
        return networks.connect(request);
    }

    @POST
    @Path("/attachments/reassign-ports")
    public Uni<Attachment> reassignPorts(PortsTaken body) {
        return networks.reassignPorts(body.request(), body.taken());
    }

    @DELETE
    @Path("/attachments/{containerId}")
    public Uni<Void> disconnect(@RestPath String containerId) {
        return networks.disconnect(containerId);
    }

    @POST
    @Path("/attachments/{containerId}/keep")
    public Uni<Void> keep(@RestPath String containerId, List<String> networkIds) {
        return networks.keep(containerId, networkIds);
    }

    @POST
    @Path("/attachments/left")
    public Uni<Void> left(Networks.Left body) {
        return networks.left(body.containerId(), body.hostId(), body.networkId());
    }

    @POST
    @Path("/endpoints/find")
    public Uni<Networks.Found> find(Networks.Wish wish) {
        return networks.find(wish.term(), wish.asked());
    }

    @POST
    @Path("/endpoints/check")
    public Uni<Map<String, Networks.Found>> check(Map<String, EndpointRequest> endpoints) {
        return networks.check(endpoints);
    }

    @POST
    @Path("/hosts/{hostId}/networks")
    public Uni<Void> bring(@RestPath String hostId, List<String> networkIds) {
        return networks.bring(hostId, networkIds);
    }
}
