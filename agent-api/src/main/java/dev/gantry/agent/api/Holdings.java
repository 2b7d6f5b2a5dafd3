package dev.gantry.agent.api;

import java.util.List;

/**
 * What a host holds. Sent to {@code PUT /internal/container-service/hosts/{id}/containers} after each registration.
 *
 * @param containers ids of the containers whose specification the agent holds
 * @param connecting whether no such comparison has succeeded since the agent started, or since the last one failed
 */
public record Holdings(List<String> containers, boolean connecting) {
    /** @param removed those of them that exist no longer: the agent deletes them */
    public record Compared(List<String> removed) {}
}
