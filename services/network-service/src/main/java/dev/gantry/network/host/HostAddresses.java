package dev.gantry.network.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.api.client.AgentCall;
import dev.gantry.engine.host.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** What subnets of ours must not overlap: the addresses and routes that hosts have besides. */
@ApplicationScoped
public class HostAddresses {
    private static final Logger LOG = Logger.getLogger(HostAddresses.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Hosts hosts;
    private final NetworkAgents agents;

    HostAddresses(Hosts hosts, NetworkAgents agents) {
        this.hosts = hosts;
        this.agents = agents;
    }

    /**
     * Of every host, at this moment; of one that does not answer those that it had when it last registered. A network may
     * reach over to any of them.
     *
     * @return in CIDR form
     */
    public Uni<List<String>> inUse() {
        return hosts.list()
                .chain(all -> all.isEmpty()
                        ? Uni.createFrom().item(List.of())
                        : Uni.join()
                                .all(all.stream()
                                        .map(host -> now(host.description()))
                                        .toList())
                                .andFailFast()
                                .map(found -> found.stream()
                                        .flatMap(List::stream)
                                        .distinct()
                                        .toList()));
    }

    private Uni<List<String>> now(HostDescription registered) {
        return agents.call(AgentCall.get(registered.address(), "/host").withTimeout(PATIENCE), HostDescription.class)
                .map(HostDescription::addresses)
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.infof("addresses of host %s as it registered: %s", registered.name(), failure.getMessage());
                    return registered.addresses();
                });
    }
}
