package dev.gantry.container.network;

import dev.gantry.engine.EngineError;

/**
 * A link to another container.
 *
 * @param name of the other, or its id
 * @param alias what the container with the link calls it
 */
public record Link(String name, String alias) {
    /**
     * Reads {@code name}, {@code name:alias}, and {@code /name:/own/alias}, as an inspected container has it.
     *
     * @throws EngineError.Failed in dockerd's words, with its status
     */
    public static Link parse(String text) {
        if (text.isEmpty()) {
            throw new EngineError.Failed("empty string specified for links");
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 2) {
            throw new EngineError.Failed("bad format for links: " + text);
        }
        if (parts.length == 1) {
            return new Link(text, text);
        }
        return parts[0].startsWith("/")
                ? new Link(parts[0].substring(1), parts[1].substring(parts[1].lastIndexOf('/') + 1))
                : new Link(parts[0], parts[1]);
    }
}
