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
        only(mount, "volume", mount.volumeOptions(), "VolumeOptions");
        only(mount, "bind", mount.bindOptions(), "BindOptions");
        only(mount, "tmpfs", mount.tmpfsOptions(), "TmpfsOptions");
        String target = target(mount);
        return switch (mount.type()) {
            case "bind" -> bind(mount, target);
            case "volume" -> volume(mount, target);
            case "tmpfs" -> tmpfs(mount, target);
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
                true);
    }

    private static PlannedMount volume(Mount mount, String target) {
        Mount.VolumeOptions options = mount.volumeOptions();
        if (options != null && options.subpath() != null && !options.subpath().isEmpty()) {
            if (mount.source().isEmpty()) {
                throw refuse(mount, "must not set Subpath when using anonymous volumes");
            }
            throw new EngineError.NotSupported("mounting a part of a volume is not supported");
        }
        boolean anonymous = mount.source().isEmpty();
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
                true);
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
