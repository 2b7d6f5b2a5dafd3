package dev.gantry.agent.container;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerOperations.Created;
import dev.gantry.agent.api.ContainerOperations.Volume;
import dev.gantry.agent.api.ContainerOperations.VolumeSpec;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.runtime.BindSources;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.agent.stdio.Attachments;
import dev.gantry.agent.volume.VolumeUses;
import dev.gantry.agent.volume.Volumes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes a container that can be started: unpacks missing layers, makes its writable layer, makes its volumes and fills
 * the empty ones, then writes the specification, from which on it exists. On a failure before that, the writable layer is
 * removed; layers stay for the next attempt, and so do volumes, which belong to container-service.
 */
@ApplicationScoped
class CreateContainer {
    private final AgentFiles files;
    private final Containers containers;
    private final Snapshots snapshots;
    private final Volumes volumes;
    private final VolumeUses uses;
    private final Attachments attachments;
    private final HostRoot host;
    private final ObjectMapper json;

    CreateContainer(
            AgentFiles files,
            Containers containers,
            Snapshots snapshots,
            Volumes volumes,
            VolumeUses uses,
            Attachments attachments,
            HostRoot host,
            ObjectMapper json) {
        this.files = files;
        this.containers = containers;
        this.snapshots = snapshots;
        this.volumes = volumes;
        this.uses = uses;
        this.attachments = attachments;
        this.host = host;
        this.json = json;
    }

    /** A repeat for a container that exists answers as the first one did. */
    Created create(ContainerSpec spec) {
        if (containers.find(spec.id()).isPresent()) {
            return new Created(mountpoints(spec));
        }
        BindSources.require(spec, host);
        ContainerFiles own = files.of(spec.id());
        try {
            snapshots.create(spec.id(), spec.layers());
            for (MountSpec mount : orEmpty(spec.mounts())) {
                if (mount.kind() == MountSpec.Kind.IMAGE) {
                    snapshots.holdImage(spec.id(), mount.target(), mount.layers());
                }
            }
            Map<String, String> mountpoints = mountpoints(spec);
            fillVolumes(spec);
            Files.createDirectories(own.data());
            Disk.replace(own.spec(), json.writeValueAsBytes(spec));
            containers.addIfAbsent(new AgentContainer(spec, own, json));
            attachments.expect(spec.id());
            return new Created(mountpoints);
        } catch (IOException e) {
            undo(own);
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            undo(own);
            throw e;
        }
    }

    private void undo(ContainerFiles own) {
        snapshots.remove(own.id());
        Disk.deleteTree(own.data());
    }

    private Map<String, String> mountpoints(ContainerSpec spec) {
        Map<String, String> result = new LinkedHashMap<>();
        for (MountSpec mount : volumeMounts(spec)) {
            Volume volume = uses.ensure(new VolumeSpec(mount.source(), "", Map.of()));
            result.put(volume.name(), volume.mountpoint());
        }
        return result;
    }

    private void fillVolumes(ContainerSpec spec) {
        List<MountSpec> toFill =
                volumeMounts(spec).stream().filter(MountSpec::copyImageContent).toList();
        if (toFill.isEmpty()) {
            return;
        }
        Path rootfs = snapshots.mount(spec.id(), spec.layers());
        try {
            toFill.forEach(mount -> fill(spec.id(), mount, rootfs));
        } finally {
            snapshots.unmount(spec.id());
        }
    }

    private void fill(String id, MountSpec mount, Path rootfs) {
        String name = mount.source();
        String part = mount.extent().part();
        if (!Volumes.hasDirectory(rootfs, mount.target())) {
            return;
        }
        try {
            Path data = uses.take(name, id);
            if (part == null && !uses.isMounted(name)) {
                volumes.copyUp(name, rootfs, mount.target());
            } else {
                volumes.copyUp(name, data, part, rootfs, mount.target());
            }
        } catch (AgentFailure e) {
            throw new AgentFailure(e.code(), "failed to populate volume: " + e.getMessage(), e);
        } finally {
            uses.giveBack(name, id);
        }
    }

    private static List<MountSpec> volumeMounts(ContainerSpec spec) {
        return orEmpty(spec.mounts()).stream()
                .filter(mount -> mount.kind() == MountSpec.Kind.VOLUME)
                .toList();
    }

    /** Checks what a hostile or mistaken caller could send; everything behind relies on it. */
    static void require(ContainerSpec spec, String id) {
        boolean good = spec != null
                && id.matches("[0-9a-f]{64}")
                && id.equals(spec.id())
                && spec.layers() != null
                && orEmpty(spec.mounts()).stream()
                        .allMatch(mount -> mount.kind() != MountSpec.Kind.IMAGE || mount.layers() != null)
                && spec.process() != null
                && spec.process().args() != null
                && !spec.process().args().isEmpty()
                && spec.resources() != null
                && spec.security() != null
                && spec.namespaces() != null
                && spec.log() != null
                && spec.restart() != null;
        if (!good) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "the container's specification is incomplete");
        }
        paths(spec)
                .filter(path -> path != null && !CleanPath.isPossible(path))
                .findFirst()
                .ifPresent(path -> {
                    throw new AgentFailure(
                            AgentFailure.Code.BAD_REQUEST, "the container's specification has an impossible path");
                });
    }

    /** All that is used as a file's name; what {@link CleanPath} makes of them is decided where they are used. */
    private static Stream<String> paths(ContainerSpec spec) {
        Stream.Builder<String> paths = Stream.builder();
        paths.add(spec.process().cwd());
        paths.add(spec.resources().cgroupParent());
        orEmpty(spec.mounts()).forEach(mount -> paths.add(mount.source()).add(mount.target()));
        orEmpty(spec.resources().devices())
                .forEach(device -> paths.add(device.pathOnHost()).add(device.pathInContainer()));
        orEmpty(spec.resources().blockIo()).forEach(limit -> paths.add(limit.path()));
        orEmpty(spec.security().maskedPaths()).forEach(paths::add);
        orEmpty(spec.security().readOnlyPaths()).forEach(paths::add);
        return paths.build();
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
