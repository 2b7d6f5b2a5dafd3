package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerSpec;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;

/** {@code /v1/snapshots}: unpacking layers ahead of containers, and giving their space back. */
@Path(AgentProtocol.PREFIX + "/snapshots")
@RunOnVirtualThread
public class SnapshotsResource {
    private final Snapshots snapshots;

    SnapshotsResource(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    @POST
    public void prepare(List<ContainerSpec.Layer> layers) {
        snapshots.prepare(layers == null ? List.of() : layers);
    }

    @DELETE
    @Path("{chainId}")
    public void delete(@PathParam("chainId") String chainId) {
        snapshots.delete(chainId);
    }
}
