package dev.gantry.container.create;

import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec.MountSpec.Kind;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.volume.VolumeNames;
import dev.gantry.container.volume.VolumeRequest;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.container.Mount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All mounts of a new container: those of other containers ({@code --volumes-from}), binds, mounts, tmpfs, and an
 * anonymous volume for each path that image or client declare as a volume and nothing else covers.
 */
final class MountPlan {
    private final Map<String, PlannedMount> byTarget = new LinkedHashMap<>();
    private final Set<String> ownTargets = new HashSet<>();
    private final Map<String, Mount.VolumeOptions> volumeOptions = new HashMap<>();
    /** Volumes that {@code HostConfig.VolumeDriver} is not for. */
    private final Set<String> undriven = new HashSet<>();
    /** Drivers of volumes that there are. */
    private final Map<String, String> known = new HashMap<>();
    /** {@code HostConfig.VolumeDriver}; empty for any. */
    private final String driver;

    /** @param inherited mounts of the containers in {@code VolumesFrom} */
    MountPlan(HostConfig host, Set<String> declaredVolumes, List<PlannedMount> inherited) {
        inherited.forEach(mount -> {
            byTarget.put(mount.target(), mount);
            undriven.add(mount.source());
        });
        List<PlannedMount> own = new ArrayList<>();
        if (host.binds() != null) {
            host.binds().forEach(bind -> own.add(BindParser.parse(bind)));
        }
        if (host.mounts() != null) {
            host.mounts().forEach(mount -> {
                own.add(MountParser.parse(mount));
                undriven.add(own.getLast().source());
                if (mount.volumeOptions() != null) {
                    volumeOptions.put(own.getLast().source(), mount.volumeOptions());
                }
            });
        }
        if (host.tmpfs() != null) {
            host.tmpfs().forEach((target, options) -> own.add(tmpfs(target, options)));
        }
        own.forEach(this::add);
        declaredVolumes.forEach(this::declare);
        driver = host.volumeDriver();
    }

    private void add(PlannedMount mount) {
        if (!ownTargets.add(mount.target())) {
            throw new EngineError.BadParameter("Duplicate mount point: " + mount.target());
        }
        byTarget.put(mount.target(), mount);
    }

    private static PlannedMount tmpfs(String target, String options) {
        if (!target.startsWith("/")) {
            throw new EngineError.BadParameter("invalid mount path: '" + target + "' mount path must be absolute");
        }
        String clean = MountTargets.check("tmpfs", target, MountPlan::withoutType);
        return new PlannedMount(
                Kind.TMPFS, "", clean, false, "", "", false, false, false, TmpfsOptions.check(options), false);
    }

    /** For {@code HostConfig.Tmpfs} dockerd says only what is wrong with the target. */
    private static EngineError.BadParameter withoutType(String message) {
        return new EngineError.BadParameter(message.substring(message.indexOf(": ") + 2));
    }

    private void declare(String path) {
        if (!CleanPath.isPossible(path)) {
            throw new EngineError.BadParameter("invalid mount path: '" + path + "'");
        }
        String target = CleanPath.of(path);
        if (!target.equals("/")) {
            byTarget.putIfAbsent(
                    target,
                    new PlannedMount(
                            Kind.VOLUME, VolumeNames.generate(), target, false, "", "", true, true, false, "", false));
        }
    }

    /** Of all volume drivers that are asked for: those that a host may not have. */
    Set<String> plugins() {
        return byTarget.values().stream()
                .filter(PlannedMount::isVolume)
                .map(mount -> request(mount.source()).driverOrLocal())
                .filter(name -> !name.equals(VolumeRequest.LOCAL))
                .collect(Collectors.toSet());
    }

    /** The first volume that asks for that driver, for messages. */
    String volumeBy(String name) {
        return byTarget.values().stream()
                .filter(PlannedMount::isVolume)
                .map(PlannedMount::source)
                .filter(volume -> request(volume).driverOrLocal().equals(name))
                .findFirst()
                .orElse("");
    }

    /** Takes up which drivers volumes have that there are; others get what is asked for. */
    void drivenBy(Map<String, String> drivers) {
        known.putAll(drivers);
        byTarget.replaceAll((target, mount) -> {
            String by = !mount.isVolume()
                    ? VolumeRequest.LOCAL
                    : drivers.getOrDefault(
                            mount.source(), request(mount.source()).driverOrLocal());
            return by.equals(VolumeRequest.LOCAL) ? mount : mount.by(by);
        });
    }

    List<PlannedMount> mounts() {
        return List.copyOf(byTarget.values());
    }

    /** References of images that are still to be looked up. */
    Set<String> images() {
        return byTarget.values().stream()
                .filter(mount -> mount.kind() == Kind.IMAGE && mount.image() == null)
                .map(PlannedMount::source)
                .collect(Collectors.toSet());
    }

    void found(String reference, PlannedMount.Image image) {
        byTarget.replaceAll((target, mount) -> mount.kind() == Kind.IMAGE
                        && mount.image() == null
                        && mount.source().equals(reference)
                ? mount.of(image)
                : mount);
    }

    /** Whether a volume may have to be made that is more than a directory. */
    boolean makesMore() {
        return mounts().stream()
                .anyMatch(mount -> mount.isVolume() && !request(mount.source()).isPlain());
    }

    /** What a volume of the mounts is to be, should it have to be made. */
    VolumeRequest request(String volume) {
        Mount.VolumeOptions options = volumeOptions.get(volume);
        String asked = undriven.contains(volume) ? "" : driver;
        if (options == null) {
            return new VolumeRequest(asked.isEmpty() ? known.get(volume) : asked, Map.of(), null);
        }
        Mount.DriverConfig config = options.driverConfig();
        String wanted = config == null || config.name() == null ? "" : config.name();
        return new VolumeRequest(
                wanted.isEmpty() ? known.get(volume) : wanted,
                config == null ? null : config.options(),
                options.labels());
    }
}
