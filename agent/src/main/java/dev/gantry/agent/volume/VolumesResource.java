package dev.gantry.agent.volume;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations.Volume;
import dev.gantry.agent.api.ContainerOperations.VolumeSize;
import dev.gantry.agent.api.ContainerOperations.VolumeSpec;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.Map;

/** {@code /v1/volumes}. */
@Path(AgentProtocol.PREFIX + "/volumes/{name}")
@RunOnVirtualThread
public class VolumesResource {
    private final Volumes volumes;
    private final VolumeUses uses;

    VolumesResource(Volumes volumes, VolumeUses uses) {
        this.volumes = volumes;
        this.uses = uses;
    }

    /** The name in the path counts. */
    @PUT
    public Volume ensure(@PathParam("name") String name, VolumeSpec spec) {
        return uses.ensure(
                spec == null
                        ? new VolumeSpec(name, "", Map.of())
                        : new VolumeSpec(name, spec.driver(), spec.options()));
    }

    @GET
    @Path("size")
    public VolumeSize size(@PathParam("name") String name) {
        return new VolumeSize(volumes.size(name));
    }

    @DELETE
    public void delete(@PathParam("name") String name, @QueryParam("force") boolean force) {
        uses.delete(name, force);
    }
}
