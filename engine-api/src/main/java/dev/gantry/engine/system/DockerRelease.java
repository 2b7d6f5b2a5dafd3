package dev.gantry.engine.system;

/** The release of Docker whose behaviour is followed: what clients are told, since they decide by it what to ask for. */
public final class DockerRelease {
    public static final String VERSION = "28.2.2";

    private DockerRelease() {}
}
