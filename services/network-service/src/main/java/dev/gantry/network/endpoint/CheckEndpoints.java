package dev.gantry.network.endpoint;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.Found;
import dev.gantry.network.query.FindNetwork;
import dev.gantry.network.state.NetworkEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks at what a container that is being made wants on its networks. */
@ApplicationScoped
public class CheckEndpoints {
    private final FindNetwork find;

    CheckEndpoints(FindNetwork find) {
        this.find = find;
    }

    /** As {@link dev.gantry.engine.network.Networks#find}. */
    public Uni<Found> find(String term, EndpointRequest asked) {
        return find.find(term).map(network -> {
            if (asked != null) {
                WantedNetworks.check(List.of(network));
                EndpointRules.check(network, asked);
            }
            return new Found(network.id, network.name);
        });
    }

    /** As {@link dev.gantry.engine.network.Networks#check}. */
    public Uni<Map<String, Found>> check(Map<String, EndpointRequest> endpoints) {
        Map<String, Found> known = new LinkedHashMap<>();
        Uni<Void> done = Uni.createFrom().voidItem();
        for (Map.Entry<String, EndpointRequest> wanted : endpoints.entrySet()) {
            String word = wanted.getKey();
            done = done.chain(() -> find.find(word))
                    .invoke(network -> {
                        check(word, network, wanted.getValue());
                        known.put(word, new Found(network.id, network.name));
                    })
                    .replaceWithVoid()
                    .onFailure(EngineError.NotFound.class)
                    .recoverWithNull();
        }
        return done.replaceWith(known);
    }

    private static void check(String word, NetworkEntity network, EndpointRequest asked) {
        try {
            EndpointRules.check(network, asked);
        } catch (EngineError.BadParameter e) {
            throw new EngineError.BadParameter("invalid config for network " + word + ": " + e.getMessage());
        }
    }
}
