package dev.gantry.agent.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a container uses of its host, spelled as Docker does: services pass it on as it is. What a host does not count is
 * left out where dockerd leaves it out, and 0 elsewhere.
 *
 * @param read when the figures were read; {@link #NEVER} in those of a container that does not run
 * @param preread when {@code precpu} was read
 * @param processes always 0 on Linux, as is {@code storage} empty
 * @param networks by name of the interface in the container; null for none
 */
public record ContainerStats(
        @JsonProperty("read") Instant read,
        @JsonProperty("preread") Instant preread,
        @JsonProperty("pids_stats") Pids pids,
        @JsonProperty("blkio_stats") BlockIo blkio,
        @JsonProperty("num_procs") int processes,
        @JsonProperty("storage_stats") Map<String, Long> storage,
        @JsonProperty("cpu_stats") Cpu cpu,
        @JsonProperty("precpu_stats") Cpu precpu,
        @JsonProperty("memory_stats") Memory memory,
        @JsonProperty("name") @JsonInclude(Include.NON_NULL) String name,
        @JsonProperty("id") @JsonInclude(Include.NON_NULL) String id,
        @JsonProperty("networks") @JsonInclude(Include.NON_EMPTY) Map<String, Interface> networks) {
    public static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");

    /** Of a container that does not run. */
    public static final ContainerStats NONE = of(NEVER, Pids.NONE, BlockIo.UNKNOWN, Cpu.NONE, Memory.NONE, Map.of());

    /** A reading without a name, and without one before it. */
    public static ContainerStats of(
            Instant read, Pids pids, BlockIo blkio, Cpu cpu, Memory memory, Map<String, Interface> networks) {
        return new ContainerStats(read, NEVER, pids, blkio, 0, Map.of(), cpu, Cpu.NONE, memory, null, null, networks);
    }

    /** The same with what was read before it. */
    public ContainerStats after(ContainerStats before) {
        return new ContainerStats(
                read, before.read, pids, blkio, processes, storage, cpu, before.cpu, memory, name, id, networks);
    }

    /** The same with whose it is. */
    public ContainerStats of(String containerName, String containerId) {
        return new ContainerStats(
                read,
                preread,
                pids,
                blkio,
                processes,
                storage,
                cpu,
                precpu,
                memory,
                containerName,
                containerId,
                networks);
    }

    /** @param limit null for none; of version 2 without one the largest number of 64 bits, as dockerd says it */
    public record Pids(
            @JsonProperty("current") @JsonInclude(Include.NON_DEFAULT) long current,
            @JsonProperty("limit") @JsonInclude(Include.NON_NULL) BigInteger limit) {
        static final Pids NONE = new Pids(0, null);
    }

    /** Null where the host does not count. */
    public record BlockIo(
            @JsonProperty("io_service_bytes_recursive") List<Device> bytes,
            @JsonProperty("io_serviced_recursive") List<Device> operations,
            @JsonProperty("io_queue_recursive") List<Device> queued,
            @JsonProperty("io_service_time_recursive") List<Device> serviceTime,
            @JsonProperty("io_wait_time_recursive") List<Device> waitTime,
            @JsonProperty("io_merged_recursive") List<Device> merged,
            @JsonProperty("io_time_recursive") List<Device> time,
            @JsonProperty("sectors_recursive") List<Device> sectors) {
        public static final BlockIo UNKNOWN = new BlockIo(null, null, null, null, null, null, null, null);
    }

    /** @param operation {@code Read}, {@code Write}, ... of version 1; {@code read} or {@code write} of version 2 */
    public record Device(
            @JsonProperty("major") long major,
            @JsonProperty("minor") long minor,
            @JsonProperty("op") String operation,
            @JsonProperty("value") long value) {}

    /** @param system of all processors of the host together, idle ones too, in nanoseconds */
    public record Cpu(
            @JsonProperty("cpu_usage") CpuUsage usage,
            @JsonProperty("system_cpu_usage") @JsonInclude(Include.NON_DEFAULT) long system,
            @JsonProperty("online_cpus") @JsonInclude(Include.NON_DEFAULT) int online,
            @JsonProperty("throttling_data") Throttling throttling) {
        static final Cpu NONE = new Cpu(new CpuUsage(0, List.of(), 0, 0), 0, 0, Throttling.NONE);
    }

    /** Nanoseconds; {@code kernel} and {@code user} in steps of ten milliseconds on version 1, which has {@code each}. */
    public record CpuUsage(
            @JsonProperty("total_usage") long total,
            @JsonProperty("percpu_usage") @JsonInclude(Include.NON_EMPTY) List<Long> each,
            @JsonProperty("usage_in_kernelmode") long kernel,
            @JsonProperty("usage_in_usermode") long user) {}

    /** @param nanos that it waited altogether */
    public record Throttling(
            @JsonProperty("periods") long periods,
            @JsonProperty("throttled_periods") long throttled,
            @JsonProperty("throttled_time") long nanos) {
        public static final Throttling NONE = new Throttling(0, 0, 0);
    }

    /**
     * Bytes.
     *
     * @param limit the host's memory where there is none
     */
    public record Memory(
            @JsonProperty("usage") @JsonInclude(Include.NON_DEFAULT) long usage,
            @JsonProperty("max_usage") @JsonInclude(Include.NON_DEFAULT) long most,
            @JsonProperty("stats") @JsonInclude(Include.NON_EMPTY) Map<String, Long> stats,
            @JsonProperty("failcnt") @JsonInclude(Include.NON_DEFAULT) long refused,
            @JsonProperty("limit") @JsonInclude(Include.NON_DEFAULT) long limit) {
        public static final Memory NONE = new Memory(0, 0, Map.of(), 0, 0);
    }

    /** Counted since the interface is there. */
    public record Interface(
            @JsonProperty("rx_bytes") long receivedBytes,
            @JsonProperty("rx_packets") long receivedPackets,
            @JsonProperty("rx_errors") long receiveErrors,
            @JsonProperty("rx_dropped") long receivedDropped,
            @JsonProperty("tx_bytes") long sentBytes,
            @JsonProperty("tx_packets") long sentPackets,
            @JsonProperty("tx_errors") long sendErrors,
            @JsonProperty("tx_dropped") long sentDropped) {}
}
