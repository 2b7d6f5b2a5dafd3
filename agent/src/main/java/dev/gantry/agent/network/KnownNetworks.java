package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkState;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The networks that this host was told of, each with its bridge and rules, and the endpoints that claim one. Who changes
 * a network holds the monitor, and so does who claims one: no bridge goes while an endpoint is being made on it.
 */
final class KnownNetworks {
    private static final Logger LOG = Logger.getLogger(KnownNetworks.class);

    /** At one look: meanwhile no container comes to a network. The others follow at the next looks. */
    private static final int MOST_DISMISSED = 16;

    private final NetworkStates files;
    private final Places places;
    private final Map<String, Known> known = new LinkedHashMap<>();
    private final Map<String, String> networkOfEndpoint = new HashMap<>();

    /** How many looks in a row have found nothing on the network. */
    private final Map<String, Integer> idle = new HashMap<>();

    private record Known(NetworkState state, Place place) {}

    KnownNetworks(NetworkStates files, Places places) {
        this.files = files;
        this.places = places;
    }

    /** Reads what an earlier run of the agent kept. */
    synchronized void load() throws IOException {
        known.clear();
        idle.clear();
        networkOfEndpoint.clear();
        for (NetworkState state : files.load()) {
            try {
                known.put(state.id(), new Known(state, Place.of(state)));
            } catch (AgentFailure e) {
                LOG.warnf("network %s is kept, but cannot be made: %s", state.id(), e.getMessage());
            }
        }
    }

    /** The bridges that should be there: those that stand, and those that an endpoint claims. */
    synchronized List<Place> needed() {
        return known.values().stream()
                .filter(network ->
                        network.place().standing() || isUsed(network.state().id()))
                .map(Known::place)
                .toList();
    }

    /**
     * Takes bridges away on which nothing was in so many looks in a row, this one included, some at a time. The networks stay
     * known: the next container makes its bridge again.
     */
    synchronized void dismissIdle(int looks) {
        int dismissed = 0;
        for (Known network : known.values()) {
            String id = network.state().id();
            if (network.place().standing() || isUsed(id)) {
                idle.remove(id);
            } else if (idle.merge(id, 1, Integer::sum) == looks) {
                if (dismissed++ < MOST_DISMISSED) {
                    dismiss(network.place(), looks - 1);
                } else {
                    idle.put(id, looks - 1);
                }
            }
        }
        idle.keySet().retainAll(known.keySet());
    }

    /** One that cannot be taken away now is tried again at the next look, and holds up no other. */
    private void dismiss(Place bridge, int looksBefore) {
        try {
            places.remove(bridge);
        } catch (IOException e) {
            LOG.warnf("bridge %s of network %s stays for now: %s", bridge.name(), bridge.networkId(), e.getMessage());
            idle.put(bridge.networkId(), looksBefore);
        }
    }

    /**
     * Makes the network as the state says, unless a later one is there. What fails leaves all as it was.
     *
     * @return the version that is there now
     */
    synchronized long put(NetworkState state) {
        Place wanted = Place.of(state);
        Known before = known.get(state.id());
        if (before != null && before.state().version() > state.version()) {
            LOG.infof(
                    "network %s: version %d comes late, %d is there",
                    state.id(), state.version(), before.state().version());
            return before.state().version();
        }
        if (before != null && isUsed(state.id()) && !before.place().isSamePlace(wanted)) {
            throw conflict(
                    "the interface and subnet of network " + state.id() + " cannot change while it has endpoints");
        }
        makeRoomFor(wanted);
        try {
            make(wanted);
            files.write(state);
            known.put(state.id(), new Known(state, wanted));
            if (before != null && !before.place().name().equals(wanted.name())) {
                places.remove(before.place());
            }
        } catch (IOException e) {
            restore(before, wanted);
            String words = e instanceof Parents.Unavailable ? "" : "cannot make the network: ";
            throw new AgentFailure(AgentFailure.Code.INTERNAL, words + e.getMessage(), e);
        }
        return state.version();
    }

    /** Takes the network away; that there is none is no error. CONFLICT while an endpoint claims it. */
    synchronized void delete(String id) {
        Known gone = known.get(id);
        if (gone == null) {
            return;
        }
        if (isUsed(id)) {
            throw conflict("network " + id + " has endpoints on this host");
        }
        try {
            places.remove(gone.place());
            // Last: an agent that is killed before makes the bridge again, and is asked again.
            files.delete(id);
            known.remove(id);
        } catch (IOException e) {
            restore(gone, gone.place());
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "cannot remove the network: " + e.getMessage(), e);
        }
    }

    /**
     * Makes sure of the endpoint's network until {@link #release}.
     *
     * @throws AgentFailure UNKNOWN_NETWORK as {@link #require}
     */
    synchronized void claim(Endpoint endpoint) {
        require(endpoint);
        networkOfEndpoint.put(endpoint.endpointId(), endpoint.network().id());
    }

    /** @throws AgentFailure UNKNOWN_NETWORK when this host was not told of the network in the version needed */
    synchronized void require(Endpoint endpoint) {
        String id = endpoint.network().id();
        Known network = known.get(id);
        if (network == null || network.state().version() < endpoint.network().version()) {
            throw new AgentFailure(
                    AgentFailure.Code.UNKNOWN_NETWORK,
                    "network %s is not known here in version %d"
                            .formatted(id, endpoint.network().version()));
        }
    }

    /** As {@link #claim} for an endpoint that is there already. */
    synchronized void reclaim(Endpoint endpoint) {
        networkOfEndpoint.put(endpoint.endpointId(), endpoint.network().id());
    }

    synchronized void release(String endpointId) {
        networkOfEndpoint.remove(endpointId);
    }

    /** Whether there may be interfaces of which the host has no part. */
    synchronized boolean haveParents() {
        return known.values().stream().anyMatch(network -> network.place() instanceof Parent);
    }

    /** What a network that an endpoint claims is here. */
    synchronized Optional<Place> place(String networkId) {
        return Optional.ofNullable(known.get(networkId)).map(Known::place);
    }

    private boolean isUsed(String id) {
        return networkOfEndpoint.containsValue(id);
    }

    /** Of a network that was forgotten, with the database that knew it, nothing but the name of its interface is left. */
    private void makeRoomFor(Place wanted) {
        for (Known other : List.copyOf(known.values())) {
            boolean inTheWay = other.place().name().equals(wanted.name())
                    && !other.state().id().equals(wanted.networkId());
            if (inTheWay && isUsed(other.state().id())) {
                throw conflict("the interface " + wanted.name() + " belongs to network "
                        + other.state().id());
            }
            if (inTheWay) {
                LOG.infof("network %s makes room for %s", other.state().id(), wanted.networkId());
                delete(other.state().id());
            }
        }
    }

    private void make(Place wanted) throws IOException {
        try {
            places.ensure(wanted);
        } catch (IOException e) {
            LOG.debugf("once more, looking at the kernel again: %s", e.getMessage());
            places.forget();
            places.ensure(wanted);
        }
    }

    private void restore(Known before, Place attempted) {
        try {
            if (before == null) {
                known.remove(attempted.networkId());
                files.delete(attempted.networkId());
                places.remove(attempted);
                return;
            }
            if (!before.place().name().equals(attempted.name())) {
                places.remove(attempted);
            }
            known.put(before.state().id(), before);
            files.write(before.state());
            places.ensure(before.place());
        } catch (IOException e) {
            LOG.warnf(e, "network %s is left half made until the agent's next start", attempted.networkId());
        }
    }

    private static AgentFailure conflict(String message) {
        return new AgentFailure(AgentFailure.Code.CONFLICT, message);
    }
}
