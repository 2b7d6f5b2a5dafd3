package dev.gantry.embedded;

/** What an acknowledged write survives. */
public enum Durability {
    /** A power failure: every acknowledged write is on disk. */
    DURABLE,
    /** The end of the process, not of the machine: for tests. */
    FAST
}
