package dev.gantry.network.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** The hosts' agents, as this service speaks to them. */
@Singleton
class NetworkAgents {
    private final Hosts hosts;
    private final AgentClient agents;

    NetworkAgents(Hosts hosts, Vertx vertx, Config config, ObjectMapper json) {
        this.hosts = hosts;
        this.agents = new AgentClient(vertx, PeerTls.configured(config).orElse(null), json);
    }

    /** Fails with {@code NotFound} for a host that is not registered. */
    Uni<String> address(String hostId) {
        return hosts.get(hostId).map(host -> host.description().address());
    }

    /** Fails with {@link AgentFailure}. */
    Uni<Void> call(AgentCall call) {
        return Background.here(agents.call(call).toCompletionStage());
    }

    /** The same with an answer. */
    <T> Uni<T> call(AgentCall call, Class<T> answer) {
        return Background.here(agents.call(call, answer).toCompletionStage());
    }

    static EngineError translate(Throwable failure) {
        AgentFailure refused = (AgentFailure) failure;
        return switch (refused.code()) {
            case UNREACHABLE -> new EngineError.Unavailable(refused.getMessage(), refused.getCause());
            case CONFLICT -> new EngineError.Conflict(refused.getMessage());
            default -> new EngineError.Failed(refused.getMessage());
        };
    }

    @PreDestroy
    void close() {
        agents.close();
    }
}
