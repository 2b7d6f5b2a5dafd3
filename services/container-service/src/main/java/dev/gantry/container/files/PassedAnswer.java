package dev.gantry.container.files;

import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import dev.gantry.container.state.Operations;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;

/** What a host tells of a container's files, passed on as it comes. */
@ApplicationScoped
class PassedAnswer {
    private final Operations operations;
    private final KnownHosts hosts;
    private final AgentClient client;
    private final ContainerFacts facts;

    PassedAnswer(Operations operations, KnownHosts hosts, AgentClient client, ContainerFacts facts) {
        this.operations = operations;
        this.hosts = hosts;
        this.client = client;
        this.facts = facts;
    }

    /**
     * Answers the client.
     *
     * @param what path below the container's, with query
     * @param action of the fact that is told before the client gets anything; empty for none
     */
    Uni<Void> pass(RoutingContext routing, ContainerEntity container, String what, String action) {
        Context here = Vertx.currentContext();
        return hosts.reach(container.hostId, address -> {
            AgentCall call = AgentCall.get(address, "/containers/" + container.id + "/" + what)
                    .withTimeout(null);
            return Background.here(client.pass(call, routing.response(), () -> tell(here, container, action))
                    .toCompletionStage());
        });
    }

    /** A database session belongs to the context of the request, and so does who asked. */
    private Future<Void> tell(Context here, ContainerEntity container, String action) {
        if (action.isEmpty()) {
            return Future.succeededFuture();
        }
        Promise<Void> told = Promise.promise();
        here.runOnContext(ignored -> tell(container, action).subscribe().with(told::complete, told::fail));
        return told.future();
    }

    Uni<Void> tell(ContainerEntity container, String action) {
        return operations.ifThere(container.id, (session, row) -> facts.append(session, row, action));
    }
}
