package dev.gantry.gateway.policy;

/** Answer of a {@link Policy}. */
public sealed interface Decision {
    Decision ALLOW = new Allow();

    record Allow() implements Decision {}

    /** @param reason what the client is told, with 403 */
    record Deny(String reason) implements Decision {}
}
