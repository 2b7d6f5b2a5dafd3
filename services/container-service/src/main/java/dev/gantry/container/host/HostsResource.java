package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.api.Report;
import dev.gantry.container.report.ApplyReports;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Hosts;
import dev.gantry.engine.peer.PeerEndpoint;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.util.List;

/** Where agents register and report; what other services ask of {@link Hosts}. */
@Path("/internal/container-service/hosts")
public class HostsResource {
    private final HostRegistry hosts;
    private final ApplyReports reports;

    HostsResource(HostRegistry hosts, ApplyReports reports) {
        this.hosts = hosts;
        this.reports = reports;
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

    @PUT
    @Path("{id}")
    public Uni<HostDescription.Registered> register(
            String id, @HeaderParam(PeerEndpoint.PEER_HEADER) String peer, HostDescription description) {
        if (description == null || !id.equals(description.id())) {
            throw new EngineError.BadParameter("a host describes itself under its own id");
        }
        return hosts.register(description, peer);
    }

    /** The answer acknowledges the whole batch, so it waits until all of it is stored. */
    @POST
    @Path("{id}/reports")
    public Uni<Void> report(String id, @HeaderParam(PeerEndpoint.PEER_HEADER) String peer, Report.Batch batch) {
        if (batch == null || !id.equals(batch.hostId())) {
            throw new EngineError.BadParameter("a host reports under its own id");
        }
        return hosts.check(id, peer).chain(() -> reports.apply(batch));
    }
}
