package dev.gantry.network;

import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.NetworkIdentity;
import dev.gantry.engine.network.Networks.PortsTaken;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.time.Instant;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

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

    /** @param ended when the run ended whose endpoints are meant; without it any are */
    @DELETE
    @Path("/attachments/{containerId}")
    public Uni<Void> disconnect(@RestPath String containerId, @RestQuery Instant ended) {
        return ended == null ? networks.disconnect(containerId) : networks.ended(containerId, ended);
    }

    @GET
    @Path("/networks/identify")
    public Uni<NetworkIdentity> identify(@RestQuery String network) {
        return networks.identify(network);
    }

    @GET
    @Path("/networks/count")
    public Uni<Long> count() {
        return networks.count();
    }
}
