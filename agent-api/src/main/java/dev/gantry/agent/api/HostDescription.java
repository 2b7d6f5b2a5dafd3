package dev.gantry.agent.api;

import java.util.List;
import java.util.Map;

/**
 * A host as its agent sees it. Sent to {@code PUT /internal/cluster-service/hosts/{id}} when the agent starts and every
 * ten seconds, and served at {@code GET /v1/host}.
 *
 * @param id UUID made at the agent's first start, kept in its state directory
 * @param name the machine's host name
 * @param address where services reach the agent: {@code unix:///run/gantry/agent.sock} or {@code https://host:port}
 * @param epoch see {@link Report.Batch}
 * @param memoryTotal bytes
 * @param addresses CIDRs of every address and route in use on the host, so that none is given away again
 * @param interfaceAddresses the host's own IPv4 addresses, without prefix
 * @param runtimes name to path; {@code defaultRuntime} is one of them
 * @param warnings lines for {@code docker info}
 * @param volumePlugins names of those that answer
 */
public record HostDescription(
        String id,
        String name,
        String address,
        int protocolVersion,
        long epoch,
        String operatingSystem,
        String osVersion,
        String kernelVersion,
        String architecture,
        int cpus,
        long memoryTotal,
        String cgroupDriver,
        String cgroupVersion,
        boolean seccomp,
        boolean appArmor,
        Map<String, Runtime> runtimes,
        String defaultRuntime,
        String initBinary,
        String storageDriver,
        String backingFilesystem,
        String stateDirectory,
        List<String> addresses,
        List<String> interfaceAddresses,
        List<String> warnings,
        Limits limits,
        List<String> volumePlugins) {

    public HostDescription {
        limits = limits == null ? Limits.USUAL : limits;
        volumePlugins = volumePlugins == null ? List.of() : volumePlugins;
    }

    /**
     * Which limits the host's kernel knows, and which ways of confinement.
     *
     * @param blockIoWeightDevice weights for single devices
     * @param blockIoThrottle rates for single devices
     * @param cpus that are there, as a list such as {@code 0-3,7}; so are memory nodes
     */
    public record Limits(
            boolean swap,
            boolean cpuRealtime,
            boolean blockIoWeight,
            boolean blockIoWeightDevice,
            boolean blockIoThrottle,
            boolean appArmor,
            boolean seLinux,
            String cpus,
            String memoryNodes) {
        /** Of a host that has not said. */
        public static final Limits USUAL = new Limits(true, false, true, true, true, false, false, "", "0");
    }

    /** An OCI runtime found on the host; version is the program's own line. */
    public record Runtime(String path, String version) {}
}
