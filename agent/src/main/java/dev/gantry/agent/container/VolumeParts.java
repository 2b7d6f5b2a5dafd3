package dev.gantry.agent.container;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Mounts;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.volume.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Parts of volumes for the runtime to mount. A name in a volume is its containers': by the time that the runtime came to it, it
 * could be a link to the host. So what the name leads to now is mounted at a place of our own, until the container is made.
 */
final class VolumeParts {
    private VolumeParts() {}

    /**
     * Where what is asked for of a volume is now, by the mounts that ask for a part.
     *
     * @param taken where the container's volumes are
     */
    static Map<MountSpec, Path> mount(
            ContainerSpec spec, ContainerFiles files, Volumes volumes, Map<String, Path> taken) throws IOException {
        Map<MountSpec, Path> mounted = new HashMap<>();
        for (MountSpec mount : spec.mounts() == null ? List.<MountSpec>of() : spec.mounts()) {
            if (mount.kind() == MountSpec.Kind.VOLUME && mount.extent().part() != null) {
                Path place = files.parts().resolve(Integer.toString(mounted.size()));
                mount(mount, place, volumes, taken.get(mount.source()));
                mounted.put(mount, place);
            }
        }
        return mounted;
    }

    private static void mount(MountSpec mount, Path place, Volumes volumes, Path data) throws IOException {
        try (Fd part = volumes.open(mount.source(), data, mount.extent().part(), OpenFiles.PATH)) {
            if (Attributes.stat(part).isDirectory()) {
                Files.createDirectories(place);
            } else {
                Files.createDirectories(place.getParent());
                Files.createFile(place);
            }
            Mounts.mount(part.path(), ByteStrings.of(place), "", Mounts.BIND, "");
        }
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
