package dev.gantry.container.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.stream.StreamProxy;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** The connections to agents that the whole service shares. */
@Singleton
public class AgentConnections {
    private final PeerTls tls;

    AgentConnections(Config config) {
        this.tls = PeerTls.configured(config).orElse(null);
    }

    @Produces
    @Singleton
    AgentClient client(Vertx vertx, ObjectMapper json) {
        return new AgentClient(vertx, tls, json);
    }

    void close(@Disposes AgentClient client) {
        client.close();
    }

    @Produces
    @Singleton
    StreamProxy streams(Vertx vertx) {
        return new StreamProxy(vertx, tls);
    }
}
