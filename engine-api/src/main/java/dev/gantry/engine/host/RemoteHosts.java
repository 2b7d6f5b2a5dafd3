package dev.gantry.engine.host;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.remote.ServiceClient;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@link Hosts} of a cluster-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteHosts implements Hosts {
    private static final String PATH = "/internal/cluster-service/hosts";

    private final ServiceClient service;

    public RemoteHosts(
            Vertx vertx, ObjectMapper json, @ConfigProperty(name = "gantry.cluster-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "cluster-service", url.orElseThrow());
    }

    @Override
    public Uni<List<Host>> list() {
        return service.get(PATH, Map.of(), new TypeReference<>() {});
    }

    @Override
    public Uni<Host> get(String hostId) {
        return service.get(PATH + "/" + ServiceClient.segment(hostId), Map.of(), new TypeReference<>() {});
    }

    @Override
    public Uni<Host> place(Set<String> tied) {
        return service.post(PATH + "/place", tied, new TypeReference<>() {});
    }
}
