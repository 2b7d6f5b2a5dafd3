package dev.gantry.agent.registration;

import dev.gantry.agent.api.AgentProtocol;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** {@code /v1/alive}: answered by the event loop, so that nothing that is under way delays it. */
@Path(AgentProtocol.PREFIX + "/alive")
@NonBlocking
public class AliveResource {

    @GET
    public void alive() {}
}
