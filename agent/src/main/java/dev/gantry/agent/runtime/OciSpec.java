package dev.gantry.agent.runtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of the OCI runtime specification's {@code config.json} that we write; names and units are the
 * specification's. A null is left out.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OciSpec(
        String ociVersion,
        Process process,
        Root root,
        String hostname,
        String domainname,
        List<Mount> mounts,
        Map<String, List<Hook>> hooks,
        Map<String, String> annotations,
        Linux linux) {

    /** The same with one annotation more, which replaces what a client has said. */
    OciSpec annotated(String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(annotations == null ? Map.of() : annotations);
        all.put(key, value);
        return new OciSpec(ociVersion, process, root, hostname, domainname, mounts, hooks, all, linux);
    }

    /** A program on the host that the runtime runs; by the name of its moment, such as {@code createRuntime}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Hook(String path, List<String> args, List<String> env, Integer timeout) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Process(
            boolean terminal,
            ConsoleSize consoleSize,
            User user,
            List<String> args,
            List<String> env,
            String cwd,
            CapabilitySets capabilities,
            List<Rlimit> rlimits,
            boolean noNewPrivileges,
            Integer oomScoreAdj,
            String apparmorProfile) {}

    public record ConsoleSize(int height, int width) {}

    /** @param umask what processes in the container begin with, whatever ours is */
    public record User(long uid, long gid, long umask, List<Long> additionalGids) {
        private static final long USUAL_UMASK = 022;

        User(long uid, long gid, List<Long> additionalGids) {
            this(uid, gid, USUAL_UMASK, additionalGids);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CapabilitySets(
            List<String> bounding,
            List<String> effective,
            List<String> permitted,
            List<String> inheritable,
            List<String> ambient) {}

    /** {@code type} with its {@code RLIMIT_} prefix. Unlimited is 2^64-1. */
    public record Rlimit(String type, BigInteger hard, BigInteger soft) {}

    public record Root(String path, boolean readonly) {}

    public record Mount(String destination, String type, String source, List<String> options) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Linux(
            Map<String, String> sysctl,
            String cgroupsPath,
            Resources resources,
            List<Namespace> namespaces,
            List<Device> devices,
            Seccomp seccomp,
            String rootfsPropagation,
            List<String> maskedPaths,
            List<String> readonlyPaths) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Namespace(String type, String path) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Device(String type, String path, long major, long minor, Integer fileMode, Long uid, Long gid) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Resources(List<DeviceRule> devices, Memory memory, Cpu cpu, Pids pids, BlockIo blockIO) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeviceRule(boolean allow, String type, Long major, Long minor, String access) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(
            Long limit, Long reservation, Long swap, Long swappiness, Boolean disableOOMKiller, Long kernelTCP) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cpu(
            Long shares,
            Long quota,
            Long period,
            Long realtimeRuntime,
            Long realtimePeriod,
            String cpus,
            String mems) {}

    public record Pids(long limit) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record BlockIo(
            Integer weight,
            List<WeightDevice> weightDevice,
            List<ThrottleDevice> throttleReadBpsDevice,
            List<ThrottleDevice> throttleWriteBpsDevice,
            @JsonProperty("throttleReadIOPSDevice") List<ThrottleDevice> throttleReadIopsDevice,
            @JsonProperty("throttleWriteIOPSDevice") List<ThrottleDevice> throttleWriteIopsDevice) {}

    public record WeightDevice(long major, long minor, int weight) {}

    public record ThrottleDevice(long major, long minor, BigInteger rate) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Seccomp(
            String defaultAction, Integer defaultErrnoRet, List<String> architectures, List<Syscall> syscalls) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Syscall(List<String> names, String action, Integer errnoRet, List<Argument> args) {}

    public record Argument(int index, long value, long valueTwo, String op) {}
}
