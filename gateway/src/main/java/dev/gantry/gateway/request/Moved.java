package dev.gantry.gateway.request;

/** The path is to be written in another way, and the client is told how. */
final class Moved extends RuntimeException {
    final String location;

    Moved(String location) {
        super(location, null, false, false);
        this.location = location;
    }
}
