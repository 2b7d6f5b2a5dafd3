package dev.gantry.agent.network;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.network.Links.Link;
import dev.gantry.agent.network.Ruleset.Forwarding;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Brings what an earlier agent left on the host's networks to what the plans of running containers say. */
final class Reconciliation {
    private static final Logger LOG = Logger.getLogger(Reconciliation.class);

    private final Links links;
    private final KnownNetworks networks;
    private final Places places;
    private final ContainerNamespaces namespaces;
    private final Endpoints endpoints;
    private final Firewall firewall;
    private final HostPorts ports;
    private final Consumer<String> deleteLater;

    /** @param deleteLater takes an interface of the host's out of use now and deletes it soon */
    Reconciliation(
            Links links,
            KnownNetworks networks,
            Places places,
            ContainerNamespaces namespaces,
            Endpoints endpoints,
            Firewall firewall,
            HostPorts ports,
            Consumer<String> deleteLater) {
        this.links = links;
        this.networks = networks;
        this.places = places;
        this.namespaces = namespaces;
        this.endpoints = endpoints;
        this.firewall = firewall;
        this.ports = ports;
        this.deleteLater = deleteLater;
    }

    /** Call once, before anything else is done on the networks. The rules are replaced in one transaction. */
    Map<String, Attached> reconcile(Map<String, NetworkPlan> running) throws IOException {
        networks.load();
        Map<String, Attached> attached = new HashMap<>();
        running.forEach((id, plan) -> attached.put(id, new Attached(plan, new HashMap<>())));
        Set<Integer> used = adoptInterfaces(running, attached);
        if (networks.haveParents()) {
            deleteHalfMade(running);
        }
        for (String id : namespaces.containerIds()) {
            if (!running.containsKey(id)) {
                namespaces.remove(id);
            }
        }
        restore(used, running);
        return attached;
    }

    /** What belongs to no endpoint of a running container goes: of a container that ended, or of a half-made change. */
    private Set<Integer> adoptInterfaces(Map<String, NetworkPlan> running, Map<String, Attached> attached)
            throws IOException {
        Set<Integer> bridgesInUse = new HashSet<>();
        for (Link link : links.list()) {
            Endpoints.Owner owner = endpoints.ownerOf(link).orElse(null);
            if (owner == null) {
                continue;
            }
            if (isPlanned(running.get(owner.containerId()), owner.endpointId())) {
                attached.get(owner.containerId()).interfaces().put(owner.endpointId(), link.name());
                bridgesInUse.add(link.master());
            } else {
                deleteLater.accept(link.name());
            }
        }
        return bridgesInUse;
    }

    /** The same inside: a change that was cut off left an interface there of which the host has no part. */
    private void deleteHalfMade(Map<String, NetworkPlan> running) {
        running.forEach((id, plan) -> {
            if (plan.hasOwnNamespace()) {
                try {
                    namespaces.enter(id, inside -> {
                        for (Link link : inside.links().list()) {
                            if (endpoints
                                    .ownerOf(link)
                                    .filter(owner -> !isPlanned(plan, owner.endpointId()))
                                    .isPresent()) {
                                inside.links().delete(link.name());
                            }
                        }
                    });
                } catch (IOException e) {
                    LOG.warnf("interfaces of container %s: %s", id, e.getMessage());
                }
            }
        });
    }

    private void restore(Set<Integer> used, Map<String, NetworkPlan> running) throws IOException {
        Map<String, List<Forwarding>> published = new HashMap<>();
        running.values().stream().flatMap(plan -> plan.endpoints().stream()).forEach(endpoint -> {
            networks.reclaim(endpoint);
            List<Forwarding> forwardings = Endpoints.forwardings(endpoint);
            if (!forwardings.isEmpty()) {
                published.put(endpoint.endpointId(), forwardings);
            }
        });
        Collection<Place> wanted = networks.needed();
        firewall.reset(Places.bridges(wanted), published);
        places.removeExcept(wanted, used);
        places.ensureAll(wanted)
                .forEach((place, e) -> LOG.warnf(
                        "the first container on network %s tries again: %s", place.networkId(), e.getMessage()));
        published.forEach(ports::readopt);
    }

    private static boolean isPlanned(NetworkPlan plan, String endpointId) {
        return plan != null
                && plan.endpoints().stream()
                        .anyMatch(endpoint -> endpoint.endpointId().equals(endpointId));
    }
}
