package dev.gantry.container.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.engine.container.MountPoint;
import java.util.List;

/**
 * A mount that a container was given, decided at create.
 *
 * @param source host path of a bind, volume name, reference of an image as the client wrote it, empty for tmpfs
 * @param mode options as the client wrote them, shown by {@code inspect}
 * @param anonymous a volume that belongs to this container only
 * @param copy fill an empty volume with what the image has there
 * @param createSource make the missing directory of a bind
 * @param extent how much of the source; null for the whole, as before there was another choice
 * @param image what such a reference led to; null for other kinds, and until it was looked up
 * @param fromMounts it came from {@code HostConfig.Mounts}; tmpfs of {@code HostConfig.Tmpfs} is not inspected as mount
 */
public record PlannedMount(
        MountSpec.Kind kind,
        String source,
        String target,
        boolean readOnly,
        String mode,
        String propagation,
        boolean anonymous,
        boolean copy,
        boolean createSource,
        String options,
        boolean fromMounts,
        MountSpec.Extent extent,
        @JsonInclude(JsonInclude.Include.NON_NULL) Image image) {

    /** An image, and what a host makes its root filesystem of. */
    public record Image(String id, List<ContainerSpec.Layer> layers) {}

    public PlannedMount(
            MountSpec.Kind kind,
            String source,
            String target,
            boolean readOnly,
            String mode,
            String propagation,
            boolean anonymous,
            boolean copy,
            boolean createSource,
            String options,
            boolean fromMounts) {
        this(
                kind,
                source,
                target,
                readOnly,
                mode,
                propagation,
                anonymous,
                copy,
                createSource,
                options,
                fromMounts,
                MountSpec.Extent.WHOLE,
                null);
    }

    /** The shorthand {@code --tmpfs} is shown in {@code HostConfig.Tmpfs} only. */
    public boolean isInspected() {
        return kind != MountSpec.Kind.TMPFS || fromMounts;
    }

    public boolean isVolume() {
        return kind == MountSpec.Kind.VOLUME;
    }

    /** The same mount in another container: what it was filled with stays, and an anonymous volume is shared now. */
    public PlannedMount inherited(boolean asReadOnly) {
        return new PlannedMount(
                kind,
                source,
                target,
                asReadOnly,
                mode,
                propagation,
                anonymous,
                copy,
                createSource,
                options,
                fromMounts,
                extent,
                image);
    }

    /** The same of another extent. */
    public PlannedMount within(MountSpec.Extent other) {
        return new PlannedMount(
                kind,
                source,
                target,
                readOnly,
                mode,
                propagation,
                anonymous,
                copy,
                createSource,
                options,
                fromMounts,
                other,
                image);
    }

    /** The same of an image that was looked up. */
    public PlannedMount of(Image found) {
        return new PlannedMount(
                kind,
                source,
                target,
                readOnly,
                mode,
                propagation,
                anonymous,
                copy,
                createSource,
                options,
                fromMounts,
                extent,
                found);
    }

    public MountSpec toSpec() {
        String flags = propagation.isEmpty() ? "rprivate" : propagation;
        return new MountSpec(
                kind,
                source,
                target,
                readOnly,
                copy,
                createSource,
                flags,
                options,
                extent,
                image == null ? null : image.layers());
    }

    /** As inspected; {@code mountpoint} is the volume's directory on the host. */
    public MountPoint toPoint(String mountpoint) {
        return switch (kind) {
            case VOLUME -> new MountPoint("volume", source, mountpoint, target, "local", mode, !readOnly, "");
            case BIND ->
                new MountPoint(
                        "bind",
                        "",
                        source,
                        target,
                        "",
                        mode,
                        !readOnly,
                        propagation.isEmpty() ? "rprivate" : propagation);
            case IMAGE -> new MountPoint("image", source, image.id(), target, "", mode, false, "");
            case TMPFS -> new MountPoint("tmpfs", "", "", target, "", mode, !readOnly, "");
        };
    }
}
