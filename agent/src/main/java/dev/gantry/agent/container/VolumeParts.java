package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Parts of volumes, and images, for the runtime to mount. A name in a volume is its containers': by the time that the runtime came to it, it
 * could be a link to the host. So what the name leads to now is mounted at a place of our own, until the container is made.
 */
final class VolumeParts {
    private VolumeParts() {}

    /**
     * Where what is asked for is now, by the mounts that ask for an image or for a part of something.
     *
     * @param taken where the container's volumes are
     */
    static Map<MountSpec, Path> mount(
            ContainerSpec spec, ContainerFiles files, Volumes volumes, Map<String, Path> taken, Snapshots snapshots)
            throws IOException {
        Map<MountSpec, Path> mounted = new HashMap<>();
        for (MountSpec mount : spec.mounts() == null ? List.<MountSpec>of() : spec.mounts()) {
            Path image = files.parts().resolve("i" + mounted.size());
            if (mount.kind() == MountSpec.Kind.IMAGE) {
                Files.createDirectories(image);
                snapshots.mountImage(spec.id(), mount.target(), mount.layers(), image);
                mounted.put(mount, mount.extent().part() == null ? image : part(mount, image, files, mounted.size()));
            } else if (mount.kind() == MountSpec.Kind.VOLUME && mount.extent().part() != null) {
                Path place = files.parts().resolve(Integer.toString(mounted.size()));
                Path data = taken.get(mount.source());
                try (Fd part = volumes.open(mount.source(), data, mount.extent().part(), OpenFiles.PATH)) {
                    bind(part, place);
                }
                mounted.put(mount, place);
            }
        }
        return mounted;
    }

    private static Path part(MountSpec mount, Path image, ContainerFiles files, int number) throws IOException {
        Path place = files.parts().resolve(Integer.toString(number));
        String part = mount.extent().part();
        try (Fd root = OpenFiles.open(ByteStrings.of(image), OpenFiles.PATH | OpenFiles.DIRECTORY);
                Fd found = OpenFiles.openInRoot(root, ByteStrings.of(part), OpenFiles.PATH)) {
            bind(found, place);
            return place;
        } catch (ErrnoException e) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST,
                    "cannot access path " + part + " of image " + mount.source() + ": " + e.reason(),
                    e);
        }
    }

    private static void bind(Fd part, Path place) throws IOException {
        if (Attributes.stat(part).isDirectory()) {
            Files.createDirectories(place);
        } else {
            Files.createDirectories(place.getParent());
            Files.createFile(place);
        }
        Mounts.mount(part.path(), ByteStrings.of(place), "", Mounts.BIND, "");
    }

    /** Nothing below a place is touched: what could not be unmounted stays, with what is in it. */
    static void unmount(ContainerFiles files) throws IOException {
        if (!Files.isDirectory(files.parts())) {
            return;
        }
        try (Stream<Path> places = Files.list(files.parts())) {
            for (Path place : places.toList()) {
                detach(place);
                Files.delete(place);
            }
        }
        Files.delete(files.parts());
    }

    private static void detach(Path place) throws ErrnoException {
        try {
            Mounts.detach(ByteStrings.of(place));
        } catch (ErrnoException e) {
            // Made, but not mounted.
            if (e.errno() != ErrnoException.EINVAL) {
                throw e;
            }
        }
    }
}
