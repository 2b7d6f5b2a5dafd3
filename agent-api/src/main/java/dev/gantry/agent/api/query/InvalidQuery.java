package dev.gantry.agent.api.query;

/** A query parameter that cannot be read: 400, with the message as it stands. */
public final class InvalidQuery extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InvalidQuery(String message) {
        super(message);
    }
}
