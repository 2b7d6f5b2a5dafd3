package dev.gantry.agent.network;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkState;

/** What a network is on this host, checked: its fields become names of interfaces and part of nft's language. */
sealed interface Place permits Bridge, Parent {
    String networkId();

    /** Of the interface. */
    String name();

    /** It stays when nothing is on it. */
    boolean standing();

    /** Whether containers that are attached to the one are attached to the other in the same way. */
    boolean isSamePlace(Place other);

    /**
     * @throws AgentFailure BAD_REQUEST for what no host could make, NOT_SUPPORTED for what this one cannot, both in words
     */
    static Place of(NetworkState state) {
        require(state.id() != null && state.id().matches("[0-9a-f]{64}"), "a network's id is 64 hexadecimal digits");
        require(state.version() > 0, "versions of a network begin with 1");
        require(state.link() != null && state.subnets() != null, "a network has a link and subnets");
        require(state.peers() != null && state.names() != null, "a network has lists of peers and names");
        supports(state.peers().isEmpty(), "this host cannot stretch a network over to other hosts");
        supports(state.names().isEmpty(), "this host answers for containers of its own only");
        return switch (state.link()) {
            case NetworkState.Bridge link -> Bridge.of(state.id(), link, state.subnets());
            case NetworkState.Parent link -> Parent.of(state.id(), link);
        };
    }

    /** @return the name */
    static String checkedName(String name) {
        require(name != null && name.matches("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,14}"), "not an interface name: " + name);
        return name;
    }

    static void require(boolean condition, String objection) {
        if (!condition) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, objection);
        }
    }

    static void supports(boolean condition, String objection) {
        if (!condition) {
            throw new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, objection);
        }
    }
}
