package dev.gantry.agent.runtime;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.host.ContainerFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What one start of a container needs besides its specification.
 *
 * @param networkFiles of the container whose network namespace it has: hosts, hostname and resolv.conf
 * @param rootfs mounted already
 * @param networkNamespace empty for the host's
 * @param volumes from a mount of a volume to what is mounted
 * @param sharedMemory from another container's id to its mount of /dev/shm
 * @param pids from another container's id to its main process; fails when it is not running
 */
public record ContainerLaunch(
        ContainerSpec spec,
        ContainerFiles files,
        ContainerFiles networkFiles,
        Path rootfs,
        NetworkPlan plan,
        Optional<Path> networkNamespace,
        Function<MountSpec, Path> volumes,
        Function<String, Path> sharedMemory,
        ToIntFunction<String> pids) {}
