package dev.gantry.agent.files;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.linux.RootView;
import dev.gantry.agent.snapshot.Snapshots;

/**
 * A container's files while something is done with them.
 *
 * @param running whether it ran when this was opened: then its tmpfs mounts are there as well
 * @param volumes gives back what was mounted of volumes for this
 */
record ContainerView(ContainerSpec spec, boolean running, RootView root, Snapshots.Lease lease, Runnable volumes)
        implements AutoCloseable {

    /** Whether what is mounted for this is seen: what is in memory goes with the container's end, an image is not mounted then. */
    boolean has(MountSpec mount) {
        return running || mount.kind() != MountSpec.Kind.TMPFS && mount.kind() != MountSpec.Kind.IMAGE;
    }

    @Override
    public void close() {
        root.close();
        volumes.run();
        lease.close();
    }
}
