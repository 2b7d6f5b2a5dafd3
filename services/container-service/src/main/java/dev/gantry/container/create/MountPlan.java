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

/**
 * All mounts of a new container: those of other containers ({@code --volumes-from}), binds, mounts, tmpfs, and an
 * anonymous volume for each path that image or client declare as a volume and nothing else covers.
 */
final class MountPlan {
    private final Map<String, PlannedMount> byTarget = new LinkedHashMap<>();
    private final Set<String> ownTargets = new HashSet<>();
    private final Map<String, Mount.VolumeOptions> volumeOptions = new HashMap<>();

    /** @param inherited mounts of the containers in {@code VolumesFrom} */
    MountPlan(HostConfig host, Set<String> declaredVolumes, List<PlannedMount> inherited) {
        inherited.forEach(mount -> byTarget.put(mount.target(), mount));
        List<PlannedMount> own = new ArrayList<>();
        if (host.binds() != null) {
            host.binds().forEach(bind -> own.add(BindParser.parse(bind)));
        }
        if (host.mounts() != null) {
            host.mounts().forEach(mount -> {
                own.add(MountParser.parse(mount));
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
        checkDrivers(host);
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

    private void checkDrivers(HostConfig host) {
        boolean volumes = byTarget.values().stream().anyMatch(PlannedMount::isVolume);
        if (volumes && !host.volumeDriver().isEmpty() && !host.volumeDriver().equals("local")) {
            throw unknownDriver(host.volumeDriver());
        }
        volumeOptions.forEach((volume, options) -> {
            String driver = options.driverConfig() == null
                    ? null
                    : options.driverConfig().name();
            if (driver != null && !driver.isEmpty() && !driver.equals("local")) {
                throw unknownDriver(driver);
            }
        });
    }

    private static EngineError.NotFound unknownDriver(String driver) {
        return new EngineError.NotFound(
                "error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
    }

    List<PlannedMount> mounts() {
        return List.copyOf(byTarget.values());
    }

    /** Whether a volume may have to be made that is more than a directory. */
    boolean makesMore() {
        return mounts().stream()
                .anyMatch(mount -> mount.isVolume() && !request(mount.source()).isPlain());
    }

    /** What a volume of the mounts is to be, should it have to be made. */
    VolumeRequest request(String volume) {
        Mount.VolumeOptions options = volumeOptions.get(volume);
        if (options == null) {
            return VolumeRequest.ANY;
        }
        Mount.DriverConfig driver = options.driverConfig();
        return new VolumeRequest(
                driver == null ? null : driver.name(), driver == null ? null : driver.options(), options.labels());
    }
}
