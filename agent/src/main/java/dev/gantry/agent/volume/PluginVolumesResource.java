package dev.gantry.agent.volume;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations.PluginVolume;
import dev.gantry.agent.volume.plugin.VolumePlugins;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;

/** {@code /v1/volume-plugins}: what plug-ins say, whether the services know of it or not. */
@Path(AgentProtocol.PREFIX + "/volume-plugins")
@RunOnVirtualThread
public class PluginVolumesResource {
    private final VolumePlugins plugins;

    PluginVolumesResource(VolumePlugins plugins) {
        this.plugins = plugins;
    }

    /** Whether there is such a plug-in: 204, else 404. */
    @GET
    @Path("drivers/{driver}")
    public void require(@PathParam("driver") String driver) {
        plugins.require(driver);
    }

    @GET
    @Path("volumes")
    public List<PluginVolume> list() {
        return plugins.list();
    }

    /** @param driver null for whichever has it */
    @GET
    @Path("volumes/{name}")
    public PluginVolume get(@PathParam("name") String name, @QueryParam("driver") String driver) {
        return (driver == null ? plugins.find(name) : plugins.get(driver, name))
                .orElseThrow(() -> new AgentFailure(AgentFailure.Code.NOT_FOUND, "no such volume"));
    }
}
