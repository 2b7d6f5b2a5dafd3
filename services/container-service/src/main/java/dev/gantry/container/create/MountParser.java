package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.Mount;
import java.util.ArrayList;
import java.util.List;

/** An entry of {@code HostConfig.Mounts}. */
final class MountParser {
    private MountParser() {}

    static PlannedMount parse(Mount mount) {
        return switch (mount.type()) {
            case "bind" -> bind(mount);
            case "volume" -> volume(mount);
            case "tmpfs" -> tmpfs(mount);
            default -> throw refuse(mount, "mount type unknown");
        };
    }

    private static PlannedMount bind(Mount mount) {
        String target = target(mount);
        only(mount, mount.volumeOptions(), "VolumeOptions");
        only(mount, mount.tmpfsOptions(), "TmpfsOptions");
        if (mount.source().isEmpty()) {
            throw refuse(mount, "field Source must not be empty");
        }
        Mount.BindOptions options = mount.bindOptions();
        String propagation = options == null || options.propagation() == null ? "" : options.propagation();
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
                true);
    }

    private static PlannedMount volume(Mount mount) {
        String target = target(mount);
        only(mount, mount.bindOptions(), "BindOptions");
        only(mount, mount.tmpfsOptions(), "TmpfsOptions");
        Mount.VolumeOptions options = mount.volumeOptions();
        if (options != null && options.subpath() != null && !options.subpath().isEmpty()) {
            throw new EngineError.NotSupported("mounting a part of a volume is not supported");
        }
        boolean anonymous = mount.source().isEmpty();
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
                true);
    }

    private static PlannedMount tmpfs(Mount mount) {
        String target = target(mount);
        only(mount, mount.bindOptions(), "BindOptions");
        only(mount, mount.volumeOptions(), "VolumeOptions");
        if (!mount.source().isEmpty()) {
            throw refuse(mount, "field Source must not be specified");
        }
        List<String> words = new ArrayList<>();
        Mount.TmpfsOptions options = mount.tmpfsOptions();
        if (options != null) {
            if (options.sizeBytes() < 0) {
                throw refuse(mount, "invalid size");
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

    private static String target(Mount mount) {
        if (mount.target().isEmpty()) {
            throw refuse(mount, "field Target must not be empty");
        }
        return MountTargets.check(mount.type(), mount.target(), EngineError.BadParameter::new);
    }

    private static void only(Mount mount, Object options, String field) {
        if (options != null) {
            throw refuse(mount, "field " + field + " must not be specified");
        }
    }

    private static EngineError.BadParameter refuse(Mount mount, String message) {
        return new EngineError.BadParameter("invalid mount config for type \"" + mount.type() + "\": " + message);
    }
}
