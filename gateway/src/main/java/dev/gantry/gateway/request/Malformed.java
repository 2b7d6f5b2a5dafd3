package dev.gantry.gateway.request;

/** A request that Go's HTTP server refuses before dockerd sees it: in plain text, and the connection is closed. */
final class Malformed extends RuntimeException {
    final int status;

    /** @param message the whole body of the answer */
    Malformed(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static Malformed badRequest() {
        return new Malformed(400, "400 Bad Request");
    }

    static Malformed badRequest(String reason) {
        return new Malformed(400, "400 Bad Request: " + reason);
    }
}
