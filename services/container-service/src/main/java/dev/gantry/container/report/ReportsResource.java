package dev.gantry.container.report;

import dev.gantry.agent.api.Holdings;
import dev.gantry.agent.api.Report;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.peer.PeerEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;

/** Where agents tell what they hold and what becomes of it. */
@Path("/internal/container-service/hosts/{id}")
public class ReportsResource {
    private final Hosts hosts;
    private final CompareHoldings holdings;
    private final ApplyReports reports;
    private final MeterRegistry meters;

    ReportsResource(Hosts hosts, CompareHoldings holdings, ApplyReports reports, MeterRegistry meters) {
        this.meters = meters;
        // There before the first report that is set aside: what begins at 1 is no increase for Prometheus.
        SetAside.counter(meters);
        this.hosts = hosts;
        this.holdings = holdings;
        this.reports = reports;
    }

    @PUT
    @Path("containers")
    public Uni<Holdings.Compared> compare(
            String id, @HeaderParam(PeerEndpoint.PEER_HEADER) String peer, Holdings held) {
        if (held == null || held.containers() == null) {
            throw new EngineError.BadParameter("a host lists what it holds");
        }
        return check(id, peer).chain(() -> holdings.compare(id, held)).invoke(() -> {
            if (held.connecting()) {
                meters.counter("gantry.agent.connects", "host", id).increment();
            }
        });
    }

    /** The answer acknowledges the whole batch, so it waits until all of it is stored. */
    @POST
    @Path("reports")
    public Uni<Void> report(String id, @HeaderParam(PeerEndpoint.PEER_HEADER) String peer, Report.Batch batch) {
        if (batch == null || !id.equals(batch.hostId())) {
            throw new EngineError.BadParameter("a host reports under its own id");
        }
        return check(id, peer).chain(() -> reports.apply(batch));
    }

    /** Peers on our own machine are trusted. */
    private Uni<Void> check(String hostId, String peer) {
        return peer == null
                ? Uni.createFrom().voidItem()
                : hosts.get(hostId).invoke(host -> host.requireOwn(peer)).replaceWithVoid();
    }
}
