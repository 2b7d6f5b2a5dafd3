package dev.gantry.network.port;

import dev.gantry.agent.api.PortTaken;

/** A host port cannot be given; the message is in Docker's words. */
public final class PortUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    PortUnavailable(String message) {
        super(message);
    }

    /** The same with the words that name whose port it was to be. */
    public PortUnavailable about(String containerName, String endpointId) {
        return new PortUnavailable(PortTaken.about(containerName, endpointId, getMessage()));
    }
}
