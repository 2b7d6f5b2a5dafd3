package dev.gantry.container.create;

import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.engine.EngineError;
import java.util.Set;

/** An entry of {@code HostConfig.Binds}: {@code source:target[:options]}, or a target alone for an anonymous volume. */
final class BindParser {
    static final Set<String> PROPAGATIONS = Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

    /** dockerd shows the SELinux label that it would share a volume with. */
    private static final String SHARED = "z";

    private BindParser() {}

    static PlannedMount parse(String text) {
        String[] parts = text.split(":", -1);
        boolean invalid = parts.length > 3 || parts[0].isEmpty() || (parts.length > 1 && parts[1].isEmpty());
        if (invalid) {
            throw new EngineError.BadParameter("invalid volume specification: '" + text + "'");
        }
        return parts.length == 1 ? anonymous(text) : mount(text, parts);
    }

    private static PlannedMount anonymous(String text) {
        String target = MountTargets.check("volume", text, message -> specification(text, message));
        return new PlannedMount(
                Kind.VOLUME, VolumeNames.generate(), target, false, SHARED, "", true, true, false, "", false);
    }

    private static PlannedMount mount(String text, String[] parts) {
        boolean bind = parts[0].startsWith("/");
        String mode = parts.length == 3 ? parts[2] : "";
        Options options = options(mode);
        String type = bind ? "bind" : "volume";
        String target = MountTargets.check(type, parts[1], message -> specification(text, message));
        if (!bind && !options.propagation().isEmpty()) {
            throw specification(
                    text, "invalid mount config for type \"volume\": field BindOptions must not be specified");
        }
        if (bind && options.noCopy()) {
            throw specification(
                    text, "invalid mount config for type \"bind\": field VolumeOptions must not be specified");
        }
        String source = bind
                ? MountTargets.source(parts[0], message -> specification(text, message))
                : VolumeNames.check(parts[0]);
        return new PlannedMount(
                bind ? Kind.BIND : Kind.VOLUME,
                source,
                target,
                options.readOnly(),
                !bind && mode.isEmpty() ? SHARED : mode,
                options.propagation(),
                false,
                !bind && !options.noCopy(),
                bind,
                "",
                false);
    }

    private static EngineError.BadParameter specification(String text, String message) {
        return new EngineError.BadParameter("invalid volume specification: '" + text + "': " + message);
    }

    /** Whether a mode of {@code --volumes-from} says so; what is for a new mount only is refused there. */
    static boolean isReadOnlyImport(String mode) {
        Options options = options(mode);
        if (options.noCopy() || !options.propagation().isEmpty()) {
            throw new EngineError.BadParameter("invalid mode: " + mode);
        }
        return options.readOnly();
    }

    private record Options(boolean readOnly, boolean noCopy, String propagation) {}

    private static Options options(String mode) {
        boolean readOnly = false;
        boolean noCopy = false;
        String propagation = "";
        int access = 0;
        int labels = 0;
        int copies = 0;
        int consistencies = 0;
        if (mode.isEmpty()) {
            return new Options(false, false, "");
        }
        for (String word : mode.split(",", -1)) {
            switch (word) {
                case "ro", "rw" -> {
                    readOnly = word.equals("ro");
                    access++;
                }
                // SELinux relabelling; hosts without SELinux ignore it, as dockerd does.
                case "z", "Z" -> labels++;
                case "nocopy" -> {
                    noCopy = true;
                    copies++;
                }
                // Of Docker Desktop; accepted without effect, as dockerd does.
                case "consistent", "cached", "delegated" -> consistencies++;
                default -> {
                    boolean second = !propagation.isEmpty();
                    if (second || !PROPAGATIONS.contains(word)) {
                        throw new EngineError.BadParameter("invalid mode: " + mode);
                    }
                    propagation = word;
                }
            }
        }
        if (access > 1 || labels > 1 || copies > 1 || consistencies > 1) {
            throw new EngineError.BadParameter("invalid mode: " + mode);
        }
        return new Options(readOnly, noCopy, propagation);
    }
}
