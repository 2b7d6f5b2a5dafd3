package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Takes a container that is attached from one plan to another: ports that move are let go, what is new is made, the default
 * route is led to it, the ports lead there, and then what is no more goes. What fails before that is undone in reverse.
 */
final class EndpointChanges {
    private static final Logger LOG = Logger.getLogger(EndpointChanges.class);

    private final Endpoints endpoints;
    private final ContainerNamespaces namespaces;

    EndpointChanges(Endpoints endpoints, ContainerNamespaces namespaces) {
        this.endpoints = endpoints;
        this.namespaces = namespaces;
    }

    /**
     * @param interfaces on the host, by the endpoint whose end they are
     * @param keep called when all that is new is there, and nothing that is old is gone
     * @return the interfaces as they are then
     * @throws AgentFailure as {@link Endpoints#reserve}; CONFLICT for an endpoint that would become another
     */
    Map<String, String> apply(
            String containerId, NetworkPlan before, NetworkPlan after, Map<String, String> interfaces, Runnable keep)
            throws IOException {
        check(before, after);
        Map<String, String> now = new HashMap<>(interfaces);
        Deque<Step> undo = new ArrayDeque<>();
        try {
            for (Endpoint old : before.endpoints()) {
                if (!old.ports().isEmpty() && !samePorts(old, after)) {
                    undo.push(() -> {
                        endpoints.reservePorts(old);
                        endpoints.publish(old);
                    });
                    endpoints.unpublish(old);
                }
            }
            List<Endpoint> added = missing(after, before);
            for (Endpoint endpoint : added) {
                endpoints.reserve(endpoint);
                undo.push(() -> endpoints.withdraw(endpoint));
            }
            enter(containerId, before, after, added, now, undo);
            for (Endpoint endpoint : after.endpoints()) {
                if (!endpoint.ports().isEmpty() && !samePorts(endpoint, before)) {
                    publish(endpoint, before.endpoint(endpoint.endpointId()).isPresent(), undo);
                }
            }
            keep.run();
        } catch (IOException | RuntimeException e) {
            undo(undo, e);
            throw e;
        }
        for (Endpoint gone : missing(before, after)) {
            boolean inside = endpoints.isInsideOnly(gone);
            endpoints.withdraw(gone);
            Optional.ofNullable(now.remove(gone.endpointId())).ifPresent(endpoints::deleteLink);
            if (inside) {
                deleteInside(containerId, gone);
            }
        }
        return Map.copyOf(now);
    }

    private interface Step {
        void run() throws IOException;
    }

    private void publish(Endpoint endpoint, boolean present, Deque<Step> undo) throws IOException {
        if (present) {
            endpoints.reservePorts(endpoint);
            undo.push(() -> endpoints.unpublish(endpoint));
        }
        endpoints.publish(endpoint);
    }

    private void enter(
            String containerId,
            NetworkPlan before,
            NetworkPlan after,
            List<Endpoint> added,
            Map<String, String> now,
            Deque<Step> undo)
            throws IOException {
        boolean sameRoute = id(before.gateway()).equals(id(after.gateway()))
                && id(before.ipv6Gateway()).equals(id(after.ipv6Gateway()));
        if (added.isEmpty() && sameRoute) {
            return;
        }
        Map<Endpoint, Integer> places = new HashMap<>();
        for (Endpoint endpoint : added) {
            places.put(endpoint, endpoints.place(endpoint));
        }
        namespaces.enter(containerId, inside -> {
            for (Endpoint endpoint : added) {
                String link = endpoints.connect(containerId, endpoint, places.get(endpoint), inside);
                if (link.isEmpty()) {
                    undo.push(() -> deleteInside(containerId, endpoint));
                } else {
                    now.put(endpoint.endpointId(), link);
                    undo.push(() -> endpoints.deleteLink(link));
                }
            }
            if (!sameRoute) {
                undo.push(() -> namespaces.enter(containerId, again -> route(again.links(), before)));
                route(inside.links(), after);
            }
        });
    }

    private void deleteInside(String containerId, Endpoint endpoint) {
        try {
            namespaces.enter(containerId, inside -> inside.links().delete(endpoint.interfaceName()));
        } catch (IOException e) {
            LOG.warnf("interface %s of container %s: %s", endpoint.interfaceName(), containerId, e.getMessage());
        }
    }

    /** Where nothing leads anywhere, the route has gone with its interface, or will. */
    private static void route(Links inside, NetworkPlan plan) throws IOException {
        Endpoint gateway = plan.gateway().orElse(null);
        if (gateway != null) {
            Endpoints.route(inside, gateway);
        }
        Endpoint ipv6 = plan.ipv6Gateway().orElse(null);
        if (ipv6 != null) {
            Endpoints.ipv6Route(inside, ipv6);
        }
    }

    private static void check(NetworkPlan before, NetworkPlan after) {
        for (Endpoint endpoint : after.endpoints()) {
            for (Endpoint old : before.endpoints()) {
                boolean same = old.endpointId().equals(endpoint.endpointId());
                if (same && !old.isSameInterface(endpoint)) {
                    throw conflict("endpoint " + endpoint.endpointId() + " is attached already, in another way");
                }
                if (!same && old.interfaceName().equals(endpoint.interfaceName())) {
                    throw conflict("interface " + endpoint.interfaceName() + " belongs to another endpoint");
                }
            }
        }
    }

    private static boolean samePorts(Endpoint endpoint, NetworkPlan in) {
        return in.endpoint(endpoint.endpointId())
                .map(other -> other.ports().equals(endpoint.ports()))
                .orElse(false);
    }

    private static List<Endpoint> missing(NetworkPlan of, NetworkPlan in) {
        List<Endpoint> missing = new ArrayList<>(of.endpoints());
        missing.removeIf(endpoint -> in.endpoint(endpoint.endpointId()).isPresent());
        return missing;
    }

    private static String id(Optional<Endpoint> endpoint) {
        return endpoint.map(Endpoint::endpointId).orElse("");
    }

    private static void undo(Deque<Step> steps, Exception cause) {
        for (Step step : steps) {
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                cause.addSuppressed(e);
            }
        }
    }

    private static AgentFailure conflict(String message) {
        return new AgentFailure(AgentFailure.Code.CONFLICT, message);
    }
}
