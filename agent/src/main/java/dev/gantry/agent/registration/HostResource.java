package dev.gantry.agent.registration;

import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.HostDescription;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** {@code /v1/host}: this host as it is now. */
@Path(AgentProtocol.PREFIX + "/host")
@RunOnVirtualThread
public class HostResource {
    private final HostDescriptions descriptions;

    HostResource(HostDescriptions descriptions) {
        this.descriptions = descriptions;
    }

    @GET
    public HostDescription describe() {
        return descriptions.describe();
    }
}
