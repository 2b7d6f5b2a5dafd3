package dev.gantry.engine.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/** Answer to {@code GET /info}; {@code memTotal} in bytes. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record SystemInfo(
        @JsonProperty("ID") String id,
        long containers,
        long containersRunning,
        long containersPaused,
        long containersStopped,
        long images,
        String driver,
        List<List<String>> driverStatus,
        Plugins plugins,
        boolean memoryLimit,
        boolean swapLimit,
        boolean cpuCfsPeriod,
        boolean cpuCfsQuota,
        @JsonProperty("CPUShares") boolean cpuShares,
        @JsonProperty("CPUSet") boolean cpuSet,
        boolean pidsLimit,
        @JsonProperty("IPv4Forwarding") boolean ipv4Forwarding,
        boolean debug,
        @JsonProperty("NFd") int openFiles,
        boolean oomKillDisable,
        @JsonProperty("NGoroutines") int threads,
        String systemTime,
        String loggingDriver,
        String cgroupDriver,
        String cgroupVersion,
        @JsonProperty("NEventsListener") int eventListeners,
        String kernelVersion,
        String operatingSystem,
        @JsonProperty("OSVersion") String osVersion,
        @JsonProperty("OSType") String osType,
        String architecture,
        String indexServerAddress,
        RegistryConfig registryConfig,
        @JsonProperty("NCPU") int cpus,
        long memTotal,
        @JsonInclude Object genericResources,
        String dockerRootDir,
        String httpProxy,
        String httpsProxy,
        String noProxy,
        String name,
        List<String> labels,
        boolean experimentalBuild,
        String serverVersion,
        Map<String, Runtime> runtimes,
        String defaultRuntime,
        Swarm swarm,
        boolean liveRestoreEnabled,
        String isolation,
        String initBinary,
        Commit containerdCommit,
        Commit runcCommit,
        Commit initCommit,
        List<String> securityOptions,
        List<String> warnings) {

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Plugins(
            List<String> volume, List<String> network, @JsonInclude List<String> authorization, List<String> log) {}

    public record Runtime(String path) {}

    /** @param expected the same, for clients before 1.49 that compare the two; otherwise null */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Commit(@JsonProperty("ID") String id, @JsonInclude(JsonInclude.Include.NON_NULL) String expected) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Swarm(
            @JsonProperty("NodeID") String nodeId,
            String nodeAddr,
            String localNodeState,
            boolean controlAvailable,
            String error,
            @JsonInclude Object remoteManagers) {
        /** Of an engine that belongs to no swarm. */
        public static final Swarm INACTIVE = new Swarm("", "", "inactive", false, "", null);
    }

    /** Registries that may be spoken to without TLS, by address range and by name. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record RegistryConfig(
            @JsonProperty("InsecureRegistryCIDRs") List<String> insecureRegistryCidrs,
            Map<String, Index> indexConfigs,
            List<String> mirrors) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Index(String name, List<String> mirrors, boolean secure, boolean official) {}
}
