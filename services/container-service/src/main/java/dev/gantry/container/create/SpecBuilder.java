package dev.gantry.container.create;

import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.BlockIoLimit;
import dev.gantry.agent.api.ContainerSpec.BlockIoLimit.Kind;
import dev.gantry.agent.api.ContainerSpec.Device;
import dev.gantry.agent.api.ContainerSpec.DeviceRequest;
import dev.gantry.agent.api.ContainerSpec.ProcessSpec;
import dev.gantry.agent.api.ContainerSpec.Resources;
import dev.gantry.agent.api.ContainerSpec.Security;
import dev.gantry.agent.api.ContainerSpec.Ulimit;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.Signals;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.HostConfig;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns merged configuration into what the host needs to know. */
public final class SpecBuilder {
    private static final int STOP_TIMEOUT = 10;
    private static final long UNLIMITED = -1;

    private SpecBuilder() {}

    static ContainerSpec build(
            String id,
            String name,
            ContainerConfig config,
            HostConfig host,
            List<PlannedMount> mounts,
            List<ContainerSpec.Layer> layers,
            String imageId) {
        return new ContainerSpec(
                id,
                name,
                config.hostname(),
                config.domainname(),
                layers,
                process(config, host),
                Boolean.TRUE.equals(host.init()),
                host.readonlyRootfs(),
                mounts.stream().map(PlannedMount::toSpec).toList(),
                resources(host),
                security(host),
                new ContainerSpec.Namespaces(
                        host.pidMode(), host.ipcMode(), host.utsMode(), host.cgroupnsMode(), host.usernsMode()),
                new ContainerSpec.Dns(
                        list(host.dns()), list(host.dnsSearch()), list(host.dnsOptions()), list(host.extraHosts())),
                LogOptions.spec(
                        host.logConfig(),
                        new LoggedContainer(
                                id, name, imageId, config, host.logConfig().config(), Instant.now())),
                restart(host),
                config.stopSignal() == null || config.stopSignal().isEmpty()
                        ? ""
                        : Integer.toString(Signals.parse(config.stopSignal())),
                stopTimeout(config),
                host.runtime(),
                config.labels(),
                host.annotations(),
                health(config));
    }

    /** What {@code docker update} can change of a container. */
    public static ContainerOperations.Limits limits(HostConfig host) {
        return new ContainerOperations.Limits(resources(host), restart(host));
    }

    private static ContainerSpec.RestartSpec restart(HostConfig host) {
        return new ContainerSpec.RestartSpec(
                host.restartPolicy().name(), host.restartPolicy().maximumRetryCount());
    }

    /** Null when it has none. */
    static ContainerSpec.HealthSpec health(ContainerConfig config) {
        return config.healthcheck() == null
                ? null
                : HealthConfig.of(config.healthcheck()).spec(list(config.shell()));
    }

    /** Seconds; negative for no limit. */
    static int stopTimeout(ContainerConfig config) {
        return config.stopTimeout() == null ? STOP_TIMEOUT : config.stopTimeout();
    }

    /** The program and its arguments: entrypoint, then command. */
    static List<String> args(ContainerConfig config) {
        List<String> args = new ArrayList<>(list(config.entrypoint()));
        args.addAll(list(config.cmd()));
        return args;
    }

    private static ProcessSpec process(ContainerConfig config, HostConfig host) {
        return new ProcessSpec(
                args(config),
                list(config.env()),
                config.workingDir().isEmpty() ? "/" : config.workingDir(),
                config.user(),
                list(host.groupAdd()),
                config.tty(),
                config.openStdin(),
                config.stdinOnce(),
                host.consoleSize().get(0),
                host.consoleSize().get(1));
    }

    private static Resources resources(HostConfig host) {
        return new Resources(
                host.memory(),
                Math.max(host.memorySwap(), UNLIMITED),
                host.memoryReservation(),
                host.memorySwappiness() == null || host.memorySwappiness() < 0 ? null : host.memorySwappiness(),
                Boolean.TRUE.equals(host.oomKillDisable()),
                host.oomScoreAdj(),
                host.nanoCpus(),
                host.cpuShares(),
                host.cpuPeriod(),
                host.cpuQuota(),
                host.cpusetCpus(),
                host.cpusetMems(),
                host.cpuRealtimePeriod(),
                host.cpuRealtimeRuntime(),
                host.blkioWeight(),
                blockIo(host),
                host.pidsLimit() == null ? 0 : host.pidsLimit(),
                host.shmSize(),
                list(host.ulimits()).stream()
                        .map(limit -> new Ulimit(limit.name(), limit.soft(), limit.hard()))
                        .toList(),
                list(host.devices()).stream()
                        .map(device -> new Device(
                                device.pathOnHost(),
                                CleanPath.of(
                                        device.pathInContainer().isEmpty()
                                                ? device.pathOnHost()
                                                : device.pathInContainer()),
                                device.cgroupPermissions().isEmpty() ? "rwm" : device.cgroupPermissions()))
                        .toList(),
                list(host.deviceCgroupRules()),
                list(host.deviceRequests()).stream()
                        .map(request -> new DeviceRequest(
                                request.driver(),
                                request.count(),
                                list(request.deviceIds()),
                                list(request.capabilities()),
                                request.options()))
                        .toList(),
                host.kernelMemoryTcp(),
                host.cgroupParent().isEmpty() ? "" : CleanPath.of(host.cgroupParent()));
    }

    private static List<BlockIoLimit> blockIo(HostConfig host) {
        List<BlockIoLimit> limits = new ArrayList<>();
        list(host.blkioWeightDevice())
                .forEach(device ->
                        limits.add(new BlockIoLimit(Kind.WEIGHT, device.path(), BigInteger.valueOf(device.weight()))));
        throttle(limits, Kind.READ_BPS, host.blkioDeviceReadBps());
        throttle(limits, Kind.WRITE_BPS, host.blkioDeviceWriteBps());
        throttle(limits, Kind.READ_IOPS, host.blkioDeviceReadIops());
        throttle(limits, Kind.WRITE_IOPS, host.blkioDeviceWriteIops());
        return limits;
    }

    private static void throttle(List<BlockIoLimit> limits, Kind kind, List<HostConfig.ThrottleDevice> devices) {
        list(devices).forEach(device -> limits.add(new BlockIoLimit(kind, device.path(), device.rate())));
    }

    private static Security security(HostConfig host) {
        SecurityOptions options = SecurityOptions.parse(host.securityOpt());
        return new Security(
                host.privileged(),
                list(host.capAdd()).stream()
                        .map(HostConfigRules::bareCapability)
                        .toList(),
                list(host.capDrop()).stream()
                        .map(HostConfigRules::bareCapability)
                        .toList(),
                options.noNewPrivileges(),
                host.privileged() && options.seccomp().equals("default") ? "unconfined" : options.seccomp(),
                options.appArmor(),
                list(host.maskedPaths()),
                list(host.readonlyPaths()),
                host.sysctls() == null ? Map.of() : host.sysctls());
    }

    private static <T> List<T> list(List<T> list) {
        return list == null ? List.of() : list;
    }
}
