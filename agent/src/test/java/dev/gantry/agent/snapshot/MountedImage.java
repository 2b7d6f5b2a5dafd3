package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.tar.testing.TarArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** One container on an image of these layers, bottom first, for tests of other packages; needs root. */
public final class MountedImage implements AutoCloseable {
    public static final String ID = "c".repeat(64);

    private final Snapshots snapshots;
    private final List<ContainerSpec.Layer> layers;
    private final Path rootfs;

    public MountedImage(Path directory, TarArchive... tars) throws IOException {
        LayerFixture fixture = new LayerFixture();
        for (TarArchive tar : tars) {
            fixture.add(tar);
        }
        snapshots = new Snapshots(directory.resolve("snapshots"), fixture);
        layers = fixture.layers();
        rootfs = snapshots.mount(ID, layers);
    }

    public Path rootfs() {
        return rootfs;
    }

    public Snapshots.Lease lease() {
        return snapshots.lease(ID, layers);
    }

    @Override
    public void close() {
        snapshots.unmount(ID);
        snapshots.reconcile(Set.of());
        snapshots.awaitRemovals();
        snapshots.close();
    }
}
