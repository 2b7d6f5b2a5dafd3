package dev.gantry.agent.api;

import java.util.List;

/**
 * What a host holds. Sent to {@code PUT /internal/container-service/hosts/{id}/containers} after each registration.
 *
 * @param containers ids of the containers whose specification the agent holds
 */
public record Holdings(List<String> containers) {
    /** @param removed those of them that exist no longer: the agent deletes them */
    public record Compared(List<String> removed) {}
}
