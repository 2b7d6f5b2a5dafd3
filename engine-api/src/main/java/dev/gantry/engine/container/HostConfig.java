package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * The API's {@code HostConfig}: how a container is run on its host. Units are Docker's: memory in bytes, CPU periods in
 * microseconds, {@code nanoCpus} in billionths of a CPU. 0 and null mean "not set" unless told otherwise.
 *
 * @param consoleSize height and width
 * @param pidsLimit 0 or -1 for unlimited
 * @param memorySwap memory plus swap; -1 for unlimited swap
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
public record HostConfig(
        List<String> binds,
        @JsonProperty("ContainerIDFile") String containerIdFile,
        LogConfig logConfig,
        String networkMode,
        Map<String, List<PortBinding>> portBindings,
        RestartPolicy restartPolicy,
        boolean autoRemove,
        String volumeDriver,
        List<String> volumesFrom,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Mount> mounts,
        List<Integer> consoleSize,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> annotations,
        List<String> capAdd,
        List<String> capDrop,
        String cgroupnsMode,
        List<String> dns,
        List<String> dnsOptions,
        List<String> dnsSearch,
        List<String> extraHosts,
        List<String> groupAdd,
        String ipcMode,
        String cgroup,
        List<String> links,
        int oomScoreAdj,
        String pidMode,
        boolean privileged,
        boolean publishAllPorts,
        boolean readonlyRootfs,
        List<String> securityOpt,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> storageOpt,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> tmpfs,
        @JsonProperty("UTSMode") String utsMode,
        String usernsMode,
        long shmSize,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> sysctls,
        String runtime,
        String isolation,
        long cpuShares,
        long memory,
        long nanoCpus,
        String cgroupParent,
        int blkioWeight,
        List<WeightDevice> blkioWeightDevice,
        List<ThrottleDevice> blkioDeviceReadBps,
        List<ThrottleDevice> blkioDeviceWriteBps,
        @JsonProperty("BlkioDeviceReadIOps") List<ThrottleDevice> blkioDeviceReadIops,
        @JsonProperty("BlkioDeviceWriteIOps") List<ThrottleDevice> blkioDeviceWriteIops,
        long cpuPeriod,
        long cpuQuota,
        long cpuRealtimePeriod,
        long cpuRealtimeRuntime,
        String cpusetCpus,
        String cpusetMems,
        List<DeviceMapping> devices,
        List<String> deviceCgroupRules,
        List<DeviceRequest> deviceRequests,
        @JsonProperty("KernelMemoryTCP") @JsonInclude(JsonInclude.Include.NON_DEFAULT) long kernelMemoryTcp,
        long memoryReservation,
        long memorySwap,
        Long memorySwappiness,
        Boolean oomKillDisable,
        Long pidsLimit,
        List<Ulimit> ulimits,
        long cpuCount,
        long cpuPercent,
        @JsonProperty("IOMaximumIOps") long ioMaximumIops,
        @JsonProperty("IOMaximumBandwidth") long ioMaximumBandwidth,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean init,
        List<String> maskedPaths,
        List<String> readonlyPaths) {

    public HostConfig {
        containerIdFile = orEmpty(containerIdFile);
        logConfig = logConfig == null ? new LogConfig(null, null) : logConfig;
        networkMode = networkMode == null || networkMode.isEmpty() ? "default" : networkMode;
        portBindings = portBindings == null ? Map.of() : portBindings;
        restartPolicy = restartPolicy == null ? new RestartPolicy(null, 0) : restartPolicy;
        volumeDriver = orEmpty(volumeDriver);
        consoleSize = consoleSize == null || consoleSize.size() != 2 ? List.of(0, 0) : consoleSize;
        cgroupnsMode = orEmpty(cgroupnsMode);
        ipcMode = orEmpty(ipcMode);
        cgroup = orEmpty(cgroup);
        pidMode = orEmpty(pidMode);
        utsMode = orEmpty(utsMode);
        usernsMode = orEmpty(usernsMode);
        runtime = orEmpty(runtime);
        isolation = orEmpty(isolation);
        cgroupParent = orEmpty(cgroupParent);
        cpusetCpus = orEmpty(cpusetCpus);
        cpusetMems = orEmpty(cpusetMems);
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    /** Where output goes: {@code Type}, empty for the engine's default, and the driver's options. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record LogConfig(String type, Map<String, String> config) {
        public LogConfig {
            type = orEmpty(type);
            config = config == null ? Map.of() : config;
        }
    }

    /** {@code no}, {@code always}, {@code unless-stopped}, {@code on-failure}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record RestartPolicy(String name, int maximumRetryCount) {
        public RestartPolicy {
            name = name == null || name.isEmpty() ? "no" : name;
        }

        /** Whether no exit makes the container start again. */
        public boolean never() {
            return name.equals("no");
        }
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record DeviceMapping(String pathOnHost, String pathInContainer, String cgroupPermissions) {
        public DeviceMapping {
            pathOnHost = orEmpty(pathOnHost);
            pathInContainer = orEmpty(pathInContainer);
            cgroupPermissions = orEmpty(cgroupPermissions);
        }
    }

    /** Devices that a driver finds, such as {@code cdi}; {@code count} -1 is all. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record DeviceRequest(
            String driver,
            int count,
            @JsonProperty("DeviceIDs") List<String> deviceIds,
            List<List<String>> capabilities,
            Map<String, String> options) {
        public DeviceRequest {
            driver = orEmpty(driver);
        }
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record WeightDevice(String path, int weight) {
        public WeightDevice {
            path = orEmpty(path);
        }
    }

    /** {@code rate} in bytes or operations a second, an unsigned 64-bit number. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record ThrottleDevice(String path, BigInteger rate) {
        public ThrottleDevice {
            path = orEmpty(path);
            rate = rate == null ? BigInteger.ZERO : rate;
        }
    }

    /** {@code name} without {@code RLIMIT_}, lower case; -1 is unlimited. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Ulimit(String name, long hard, long soft) {
        public Ulimit {
            name = orEmpty(name);
        }
    }
}
