package dev.gantry.engine.network;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.remote.ServiceClient;
import io.quarkus.arc.DefaultBean;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@link Networks} of a network-service in another process. */
@DefaultBean
@ApplicationScoped
public class RemoteNetworks implements Networks {
    private static final String PATH = "/internal/network-service";

    private final ServiceClient service;

    public RemoteNetworks(
            Vertx vertx, ObjectMapper json, @ConfigProperty(name = "gantry.network-service.url") Optional<String> url) {
        this.service = new ServiceClient(vertx, json, "network-service", url.orElseThrow());
    }

    @Override
    public Uni<Attachment> connect(ConnectRequest request) {
        return service.post(PATH + "/attachments", request, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> disconnect(String containerId) {
        return service.call(
                HttpMethod.DELETE,
                PATH + "/attachments/" + ServiceClient.segment(containerId),
                Map.of(),
                null,
                new TypeReference<>() {});
    }

    @Override
    public Uni<Void> keep(String containerId, List<String> networkIds) {
        return service.post(
                PATH + "/attachments/" + ServiceClient.segment(containerId) + "/keep",
                networkIds,
                new TypeReference<>() {});
    }

    @Override
    public Uni<Void> left(String containerId, String hostId, String networkId) {
        return service.post(
                PATH + "/attachments/left", new Left(containerId, hostId, networkId), new TypeReference<>() {});
    }

    @Override
    public Uni<Found> find(String term, EndpointRequest asked) {
        return service.post(PATH + "/endpoints/find", new Wish(term, asked), new TypeReference<>() {});
    }

    @Override
    public Uni<Attachment> reassignPorts(ConnectRequest request, List<Integer> taken) {
        return service.post(
                PATH + "/attachments/reassign-ports", new PortsTaken(request, taken), new TypeReference<>() {});
    }

    @Override
    public Uni<Map<String, Found>> check(Map<String, EndpointRequest> endpoints) {
        return service.post(PATH + "/endpoints/check", endpoints, new TypeReference<>() {});
    }

    @Override
    public Uni<Void> bring(String hostId, List<String> networkIds) {
        return service.post(
                PATH + "/hosts/" + ServiceClient.segment(hostId) + "/networks", networkIds, new TypeReference<>() {});
    }
}
