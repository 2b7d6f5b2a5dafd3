package dev.gantry.gateway.route;

/** Who answers a request. */
public enum Owner {
    GATEWAY,
    IMAGE("image-service"),
    CONTAINER("container-service"),
    NETWORK("network-service"),
    EVENT("event-service"),
    /** Only a member of a swarm could, and this is none. */
    SWARM,
    /** A part of the API that Gantry does not have. */
    NOBODY;

    private final String service;

    Owner() {
        this("");
    }

    Owner(String service) {
        this.service = service;
    }

    /** Name of the service, empty when it is none. */
    public String service() {
        return service;
    }
}
