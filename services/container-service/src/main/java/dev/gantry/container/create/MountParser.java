package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.MountSpec.Extent;
import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Mount;
import dev.gantry.engine.version.ApiVersion;
import java.util.ArrayList;
import java.util.List;

/** An entry of {@code HostConfig.Mounts}. */
final class MountParser {
    private MountParser() {}

    static PlannedMount parse(Mount mount) {
        only(mount, "volume", mount.volumeOptions(), "VolumeOptions");
        only(mount, "bind", mount.bindOptions(), "BindOptions");
        only(mount, "tmpfs", mount.tmpfsOptions(), "TmpfsOptions");
        only(mount, "image", mount.imageOptions(), "ImageOptions");
        String target = target(mount);
        return switch (mount.type()) {
            case "bind" -> bind(mount, target);
            case "volume" -> volume(mount, target);
            case "tmpfs" -> tmpfs(mount, target);
            case "image" -> image(mount, target);
            default -> throw refuse(mount, "mount type unknown");
        };
    }

    private static PlannedMount bind(Mount mount, String target) {
        if (mount.source().isEmpty()) {
            throw refuse(mount, "field Source must not be empty");
        }
        Mount.BindOptions options = mount.bindOptions();
        String propagation = options == null || options.propagation() == null ? "" : options.propagation();
        if (!propagation.isEmpty() && !BindParser.PROPAGATIONS.contains(propagation)) {
            throw refuse(mount, "invalid propagation mode: " + propagation);
        }
        return new PlannedMount(
                        Kind.BIND,
                        MountTargets.source(mount.source(), EngineError.BadParameter::new),
                        target,
                        mount.readOnly(),
                        "",
                        propagation,
                        false,
                        false,
                        options != null && options.createMountpoint(),
                        "",
                        true)
                .within(options == null ? Extent.WHOLE : extent(mount.readOnly(), options));
    }

    /** dockerd takes what conflicts, and fails each start with these words. */
    private static Extent extent(boolean readOnly, Mount.BindOptions options) {
        conflict(!readOnly && options.readOnlyNonRecursive(), "!ReadOnly && BindOptions.ReadOnlyNonRecursive");
        conflict(!readOnly && options.readOnlyForceRecursive(), "!ReadOnly && BindOptions.ReadOnlyForceRecursive");
        conflict(
                options.readOnlyNonRecursive() && options.readOnlyForceRecursive(),
                "ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        return new Extent(options.nonRecursive(), options.readOnlyNonRecursive(), options.readOnlyForceRecursive(), "");
    }

    private static void conflict(boolean both, String what) {
        if (both) {
            throw new EngineError.BadParameter("mount options conflict: " + what);
        }
    }

    /** What older clients cannot mean. */
    static void checkVersion(List<Mount> mounts, ApiVersion version) {
        for (Mount mount : mounts == null ? List.<Mount>of() : mounts) {
            if (mount.type().equals("image") && version.before(1, 48)) {
                throw refuse(mount, "mount type unknown");
            }
            boolean force = mount.bindOptions() != null && mount.bindOptions().readOnlyForceRecursive();
            if (force && version.before(1, 44)) {
                throw new EngineError.BadParameter("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
            }
            boolean part = mount.volumeOptions() != null
                    && !subpath(mount.volumeOptions()).isEmpty();
            if (part && version.before(1, 45)) {
                throw new EngineError.BadParameter("VolumeOptions.Subpath needs API v1.45 or newer");
            }
        }
    }

    private static String subpath(Mount.VolumeOptions options) {
        return options == null || options.subpath() == null ? "" : options.subpath();
    }

    /** Go's filepath.IsLocal. */
    private static boolean isLocal(String path) {
        if (path.startsWith("/") || path.indexOf('\0') >= 0) {
            return false;
        }
        int depth = 0;
        for (String name : path.split("/", -1)) {
            depth += name.equals("..") ? -1 : name.isEmpty() || name.equals(".") ? 0 : 1;
            if (depth < 0) {
                return false;
            }
        }
        return true;
    }

    private static PlannedMount volume(Mount mount, String target) {
        Mount.VolumeOptions options = mount.volumeOptions();
        String subpath = subpath(options);
        boolean anonymous = mount.source().isEmpty();
        if (anonymous && !subpath.isEmpty()) {
            throw refuse(mount, "must not set Subpath when using anonymous volumes");
        }
        if (!isLocal(subpath)) {
            throw refuse(mount, "subpath must be a relative path within the volume");
        }
        if (anonymous && mount.readOnly()) {
            throw refuse(mount, "must not set ReadOnly mode when using anonymous volumes");
        }
        return new PlannedMount(
                        Kind.VOLUME,
                        anonymous ? VolumeNames.generate() : VolumeNames.check(mount.source()),
                        target,
                        mount.readOnly(),
                        "z",
                        "",
                        anonymous,
                        options == null || !options.noCopy(),
                        false,
                        "",
                        true)
                .within(new Extent(false, false, false, subpath));
    }

    private static PlannedMount tmpfs(Mount mount, String target) {
        if (!mount.source().isEmpty()) {
            throw refuse(mount, "field Source must not be specified");
        }
        List<String> words = new ArrayList<>();
        Mount.TmpfsOptions options = mount.tmpfsOptions();
        if (options != null) {
            if (options.sizeBytes() < 0) {
                throw refuse(mount, "invalid size");
            }
            if (options.mode() < 0) {
                throw refuse(mount, "invalid mode");
            }
            if (options.sizeBytes() > 0) {
                words.add("size=" + options.sizeBytes());
            }
            if (options.mode() != 0) {
                words.add("mode=" + Integer.toOctalString(options.mode()));
            }
            if (options.options() != null) {
                options.options().forEach(option -> words.add(String.join("=", option)));
            }
        }
        return new PlannedMount(
                Kind.TMPFS,
                "",
                target,
                mount.readOnly(),
                "",
                "",
                false,
                false,
                false,
                TmpfsOptions.check(String.join(",", words)),
                true);
    }

    /** Read-only, whatever is asked for: nothing that a container writes comes to an image. */
    private static PlannedMount image(Mount mount, String target) {
        if (mount.source().isEmpty()) {
            throw refuse(mount, "field Source must not be empty");
        }
        Mount.ImageOptions options = mount.imageOptions();
        String subpath = options == null || options.subpath() == null ? "" : options.subpath();
        if (!isLocal(subpath)) {
            throw refuse(mount, "subpath must be a relative path within the image");
        }
        return new PlannedMount(Kind.IMAGE, mount.source(), target, true, "", "", false, false, false, "", true)
                .within(new Extent(false, false, false, subpath));
    }

    private static String target(Mount mount) {
        if (mount.target().isEmpty()) {
            throw refuse(mount, "field Target must not be empty");
        }
        return MountTargets.check(mount.type(), mount.target(), EngineError.BadParameter::new);
    }

    private static void only(Mount mount, String type, Object options, String field) {
        if (options != null && !mount.type().equals(type)) {
            throw new EngineError.BadParameter(field + " must not be specified on mount type \"" + mount.type() + "\"");
        }
    }

    private static EngineError.BadParameter refuse(Mount mount, String message) {
        return new EngineError.BadParameter("invalid mount config for type \"" + mount.type() + "\": " + message);
    }
}
