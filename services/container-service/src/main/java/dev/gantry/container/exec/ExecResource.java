package dev.gantry.container.exec;

import dev.gantry.container.host.AgentErrors;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.request.TerminalSize;
import dev.gantry.engine.container.ContainerResults;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** What the API has below {@code /exec}, except the start, which {@link ExecStreams} serves. */
@Path("/exec/{id}")
public class ExecResource {
    private final Execs execs;
    private final HostAgents agents;

    ExecResource(Execs execs, HostAgents agents) {
        this.execs = execs;
        this.agents = agents;
    }

    @GET
    @Path("json")
    public Uni<ContainerResults.ExecInspect> inspect(@RestPath String id) {
        return execs.inspect(id);
    }

    @POST
    @Path("resize")
    @ResponseStatus(200)
    public Uni<Void> resize(@RestPath String id, @RestQuery String h, @RestQuery String w) {
        TerminalSize size = TerminalSize.parse(h, w);
        return execs.running(id)
                .chain(where -> agents.resizeExec(where.hostId(), where.containerId(), id, size.height(), size.width()))
                .onFailure()
                .transform(AgentErrors::translate);
    }
}
