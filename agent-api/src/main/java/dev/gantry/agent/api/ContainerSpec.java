package dev.gantry.agent.api;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Everything a host needs to run one container, decided already: defaults are filled in, image and command line are
 * merged. The agent keeps it on its own disk, so that it can restart the container with the control plane away.
 *
 * @param id 64 lower-case hex digits
 * @param layers root filesystem, bottom layer first
 * @param restartCount restarts already made, for containers that moved
 * @param runtime {@code runc}, {@code crun}, or empty for the host's default
 * @param labels not used by the host, except in its own logs
 * @param annotations for the OCI runtime; may be null
 * @param health null for none
 */
public record ContainerSpec(
        String id,
        String name,
        String hostname,
        String domainname,
        List<Layer> layers,
        ProcessSpec process,
        boolean init,
        boolean readOnlyRootfs,
        List<MountSpec> mounts,
        Resources resources,
        Security security,
        Namespaces namespaces,
        Dns dns,
        LogSpec log,
        RestartSpec restart,
        String stopSignal,
        int stopTimeoutSeconds,
        String runtime,
        Map<String, String> labels,
        Map<String, String> annotations,
        HealthSpec health) {

    /** The same with other limits and another restart policy. */
    public ContainerSpec with(Resources otherResources, RestartSpec otherRestart) {
        return new ContainerSpec(
                id,
                name,
                hostname,
                domainname,
                layers,
                process,
                init,
                readOnlyRootfs,
                mounts,
                otherResources,
                security,
                namespaces,
                dns,
                log,
                otherRestart,
                stopSignal,
                stopTimeoutSeconds,
                runtime,
                labels,
                annotations,
                health);
    }

    /**
     * One layer of an image.
     *
     * @param diffId digest of the uncompressed tar, {@code sha256:...}
     * @param chainId digest of the stack up to and including this layer; names the host's snapshot
     * @param digest digest of the blob as stored
     * @param mediaType of the blob; tells the compression
     * @param size of the blob in bytes
     * @param source where the blob can be fetched: {@code unix:///path/to.sock:/internal/...}, {@code http://} or
     *     {@code https://}
     */
    public record Layer(String diffId, String chainId, String digest, String mediaType, long size, String source) {}

    /**
     * The container's main process.
     *
     * @param args program and arguments, never empty
     * @param user {@code user[:group]} by name or number, resolved by the agent in the container's own
     *     {@code /etc/passwd}; empty for root
     * @param stdin whether stdin is kept open for attaching
     * @param stdinOnce whether stdin is closed when the first attached client leaves
     * @param consoleHeight rows, 0 when not known
     * @param consoleWidth columns, 0 when not known
     */
    public record ProcessSpec(
            List<String> args,
            List<String> env,
            String cwd,
            String user,
            List<String> groupAdd,
            boolean tty,
            boolean stdin,
            boolean stdinOnce,
            int consoleHeight,
            int consoleWidth) {}

    /**
     * A mount besides the runtime's own.
     *
     * @param source absolute host path for a bind, volume name for a volume, the image's name for an image, empty for tmpfs
     * @param copyImageContent for an empty volume: fill it with what the image has at the target
     * @param createSource for a bind: make the missing host directory, as {@code -v} does and {@code --mount} does not
     * @param propagation {@code rprivate} unless told
     * @param options for tmpfs: mount(8) options, such as {@code size=64m,mode=1777}
     * @param layers of an image, bottom first; null for other kinds
     */
    public record MountSpec(
            Kind kind,
            String source,
            String target,
            boolean readOnly,
            boolean copyImageContent,
            boolean createSource,
            String propagation,
            String options,
            Extent extent,
            List<Layer> layers) {
        public enum Kind {
            BIND,
            VOLUME,
            TMPFS,
            IMAGE
        }

        public MountSpec {
            extent = extent == null ? Extent.WHOLE : extent;
        }

        /** The whole of a source, with all that is mounted in it. */
        public MountSpec(
                Kind kind,
                String source,
                String target,
                boolean readOnly,
                boolean copyImageContent,
                boolean createSource,
                String propagation,
                String options) {
            this(kind, source, target, readOnly, copyImageContent, createSource, propagation, options, null, null);
        }

        /**
         * How much of a bind, volume or image is mounted.
         *
         * @param nonRecursive without what is mounted in it
         * @param readOnlyNonRecursive what is mounted in it stays writable
         * @param readOnlyForceRecursive fail where that cannot be made read-only
         * @param subpath of a volume or image, relative; null or empty for all of it
         */
        public record Extent(
                boolean nonRecursive, boolean readOnlyNonRecursive, boolean readOnlyForceRecursive, String subpath) {
            public static final Extent WHOLE = new Extent(false, false, false, "");

            /** The directory or file that is meant; null for all of it. */
            public String part() {
                return subpath == null || subpath.isEmpty() || subpath.equals(".") ? null : subpath;
            }
        }
    }

    /**
     * Limits. 0 (or empty) means not set, in every field; -1 means unlimited where Docker allows it.
     *
     * @param memory bytes; {@code memorySwap} is memory plus swap, in bytes
     * @param nanoCpus billionths of a CPU
     * @param cpuQuota microseconds per {@code cpuPeriod}
     * @param cpuRealtimePeriod microseconds; so is {@code cpuRealtimeRuntime}
     * @param pidsLimit processes and threads
     * @param shmSize bytes of {@code /dev/shm}
     * @param swappiness 0 to 100, or null for the host's
     */
    public record Resources(
            long memory,
            long memorySwap,
            long memoryReservation,
            Long swappiness,
            boolean oomKillDisable,
            int oomScoreAdj,
            long nanoCpus,
            long cpuShares,
            long cpuPeriod,
            long cpuQuota,
            String cpusetCpus,
            String cpusetMems,
            long cpuRealtimePeriod,
            long cpuRealtimeRuntime,
            int blkioWeight,
            List<BlockIoLimit> blockIo,
            long pidsLimit,
            long shmSize,
            List<Ulimit> ulimits,
            List<Device> devices,
            List<String> deviceCgroupRules,
            List<DeviceRequest> deviceRequests,
            long kernelMemoryTcp,
            String cgroupParent) {}

    /**
     * What one block device is used at most, or its weight.
     *
     * @param path of the device on the host, looked up at each start
     * @param value bytes or operations a second, an unsigned 64-bit number; or the weight
     */
    public record BlockIoLimit(Kind kind, String path, BigInteger value) {
        public enum Kind {
            WEIGHT,
            READ_BPS,
            WRITE_BPS,
            READ_IOPS,
            WRITE_IOPS
        }
    }

    /** A resource limit by its name without {@code RLIMIT_}, lower case; -1 is unlimited. */
    public record Ulimit(String name, long soft, long hard) {}

    /** A host device; permissions are some of {@code rwm}. */
    public record Device(String pathOnHost, String pathInContainer, String permissions) {}

    /**
     * Devices that a driver of the host finds, as the client asked for them.
     *
     * @param ids with the driver {@code cdi} as {@code vendor/class=name}
     */
    public record DeviceRequest(
            String driver, int count, List<String> ids, List<List<String>> capabilities, Map<String, String> options) {}

    /**
     * Confinement.
     *
     * @param capAdd names without {@code CAP_}, upper case, or {@code ALL}
     * @param seccompProfile {@code default}, {@code unconfined}, or a profile's JSON
     * @param appArmorProfile null or empty for none
     * @param maskedPaths null for Docker's defaults, empty for none
     * @param readOnlyPaths null for Docker's defaults, empty for none
     */
    public record Security(
            boolean privileged,
            List<String> capAdd,
            List<String> capDrop,
            boolean noNewPrivileges,
            String seccompProfile,
            String appArmorProfile,
            List<String> maskedPaths,
            List<String> readOnlyPaths,
            Map<String, String> sysctls) {}

    /**
     * Namespaces shared instead of private: {@code ""} or {@code private}, {@code host}, {@code shareable},
     * {@code none} (ipc only) or {@code container:<id>}.
     */
    public record Namespaces(String pid, String ipc, String uts, String cgroup, String user) {}

    /** Entries for {@code /etc/resolv.conf} and {@code /etc/hosts}; empty lists mean the host's own. */
    public record Dns(List<String> servers, List<String> search, List<String> options, List<String> extraHosts) {}

    /**
     * Where output is kept.
     *
     * @param driver by its name in dockerd; {@code none} keeps nothing
     * @param maxSize bytes in one file, -1 for no bound
     * @param maxFile files kept, at least 1
     * @param details what each line has before its text for who asks for details; null for nothing
     * @param error why the driver cannot be begun, which fails each start, as dockerd words it; null for no reason
     * @param compress whether rotated files are compressed
     * @param unreadable whether nobody may read what is kept
     * @param shipping where output is sent besides; null for nowhere
     */
    public record LogSpec(
            String driver,
            long maxSize,
            int maxFile,
            String details,
            String error,
            boolean compress,
            boolean unreadable,
            Shipping shipping) {
        public LogSpec(String driver, long maxSize, int maxFile, String details, String error) {
            this(driver, maxSize, maxFile, details, error, false, false, null);
        }

        public LogSpec(String driver, long maxSize, int maxFile) {
            this(driver, maxSize, maxFile, null, null);
        }
    }

    /**
     * A log driver that sends lines away. Its options are known, and their values in order.
     *
     * @param network {@code udp}, {@code tcp}, {@code tcp+tls}, {@code tls}, {@code unix}, {@code unixgram}, or empty for
     *     this host's own
     * @param address {@code host:port}, or a path
     * @param options of the driver, as dockerd names them
     * @param attributes labels and variables that go with each line, by the names that the driver gives them
     * @param command of the container, in one line
     * @param buffer bytes that may wait for a target that takes nothing, the oldest go first; -1 for what the files hold
     */
    public record Shipping(
            String network,
            String address,
            Map<String, String> options,
            String tag,
            Map<String, String> attributes,
            String imageId,
            String imageName,
            String command,
            Instant created,
            long buffer) {}

    /**
     * Restart policy, carried out by the agent.
     *
     * @param policy {@code no}, {@code always}, {@code unless-stopped} or {@code on-failure}
     * @param maximumRetryCount for {@code on-failure}; 0 is no bound
     */
    public record RestartSpec(String policy, int maximumRetryCount) {}

    /**
     * A program that tells by its exit code, 0 or any other, whether the container is healthy. It is run as an exec is, with
     * user, environment and working directory of the container. Times are in nanoseconds.
     *
     * @param command program and arguments; empty when none was given, so that each check fails
     * @param interval from the end of one check to the next, and before the first
     * @param timeout of one check, from its program's start
     * @param startPeriod since the container's start, in which failures do not count until one check has succeeded
     * @param startInterval in place of {@code interval} in that time
     * @param retries failures in a row that make the container unhealthy, at least 1
     */
    public record HealthSpec(
            List<String> command, long interval, long timeout, long startPeriod, long startInterval, long retries) {}
}
