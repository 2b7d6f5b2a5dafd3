package dev.gantry.network.port;

/** A host port cannot be given; the message is in Docker's words. */
public final class PortUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    PortUnavailable(String message) {
        super(message);
    }

    /** The same with the words that name whose port it was to be. */
    public PortUnavailable about(String containerName, String endpointId) {
        return new PortUnavailable("driver failed programming external connectivity on endpoint %s (%s): %s"
                .formatted(containerName, endpointId, getMessage()));
    }
}
