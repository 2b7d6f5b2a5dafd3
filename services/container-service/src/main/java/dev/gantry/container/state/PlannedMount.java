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
 * @param driver of a volume; null for local
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
        @JsonInclude(JsonInclude.Include.NON_NULL) Image image,
        String driver) {

    private static final String LOCAL = "local";

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
                null,
                null);
    }

    /** The shorthand {@code --tmpfs} is shown in {@code HostConfig.Tmpfs} only. */
    public boolean isInspected() {
        return kind != MountSpec.Kind.TMPFS || fromMounts;
    }

    public boolean isVolume() {
        return kind == MountSpec.Kind.VOLUME;
    }

    /** The same mount in another container: it is not filled again, its own mode is not shown, and an anonymous volume is shared now. */
    public PlannedMount inherited(boolean asReadOnly) {
        return new PlannedMount(
                kind,
                source,
                target,
                asReadOnly,
                "",
                propagation,
                anonymous,
                false,
                createSource,
                options,
                fromMounts,
                extent,
                image,
                driver);
    }

    /** The same of another extent. */
    public PlannedMount within(MountSpec.Extent other) {
        return with(other, image, driver);
    }

    /** The same of an image that was looked up. */
    public PlannedMount of(Image found) {
        return with(extent, found, driver);
    }

    /** The same of a volume with another driver. */
    public PlannedMount by(String other) {
        return with(extent, image, other);
    }

    private PlannedMount with(MountSpec.Extent otherExtent, Image otherImage, String otherDriver) {
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
                otherExtent,
                otherImage,
                otherDriver);
    }

    /** Of its volume. */
    public String driverOrLocal() {
        return driver == null ? LOCAL : driver;
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
            case VOLUME -> volume(mountpoint);
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

    /** dockerd labels what is its own, and of a plug-in's does not say where that is. */
    private MountPoint volume(String mountpoint) {
        boolean local = driverOrLocal().equals(LOCAL);
        String shown = local || !mode.equals("z") ? mode : "";
        return new MountPoint("volume", source, local ? mountpoint : "", target, driverOrLocal(), shown, !readOnly, "");
    }
}
