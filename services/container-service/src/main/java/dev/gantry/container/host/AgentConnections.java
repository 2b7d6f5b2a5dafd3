package dev.gantry.container.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.client.AgentClient;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.stream.StreamProxy;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The connections to agents that the whole service shares. */
@Singleton
public class AgentConnections {
    private final PeerTls tls;

    AgentConnections(
            @ConfigProperty(name = "gantry.tls.certificate") Optional<String> certificate,
            @ConfigProperty(name = "gantry.tls.key") Optional<String> key,
            @ConfigProperty(name = "gantry.tls.authority") Optional<String> authority) {
        this.tls = certificate.isEmpty() || key.isEmpty() || authority.isEmpty()
                ? null
                : new PeerTls(certificate.get(), key.get(), authority.get());
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
