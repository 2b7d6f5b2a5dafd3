package dev.gantry.service.database;

/**
 * What a service keeps in PostgreSQL. A bean of this type is all that a service says of its schema: migrations in {@code
 * schema/<name>} are applied when the process starts, the outbox of {@code schema/outbox} is made and its facts are published.
 */
public interface ServiceSchema {
    /** A constant of ours: it becomes part of SQL text. */
    String name();

    /** Whether the service tells facts; otherwise the schema has no outbox. */
    default boolean hasOutbox() {
        return true;
    }
}
