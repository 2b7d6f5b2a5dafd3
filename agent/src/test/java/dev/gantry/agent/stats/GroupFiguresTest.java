package dev.gantry.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerStats.BlockIo;
import dev.gantry.agent.api.ContainerStats.CpuUsage;
import dev.gantry.agent.api.ContainerStats.Device;
import dev.gantry.agent.api.ContainerStats.Memory;
import dev.gantry.agent.api.ContainerStats.Throttling;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupFiguresTest {
    private static final long MACHINE = 8L << 30;
    private static final String UNLIMITED_V1 = "9223372036854771712\n";

    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void v1(String file, String content) throws IOException {
        file(file.substring(0, file.indexOf('.')) + "/gantry/c/" + file, content);
    }

    private void v2(String file, String content) throws IOException {
        file("cgroup.controllers", "cpu io memory pids\n");
        file("gantry/c/" + file, content);
    }

    private GroupFigures figures() {
        return GroupFigures.of(new GroupFiles(root, "/gantry/c", new KernelText()));
    }

    @Test
    void version_1_has_processors_one_by_one() throws IOException {
        v1("cpuacct.usage_percpu", "1000000001 2 \n");
        v1("cpuacct.stat", "user 125\nsystem 1\n");
        v1("cpu.stat", "nr_periods 34\nnr_throttled 3\nthrottled_time 36553039\n");

        assertEquals(
                new CpuUsage(1_000_000_003L, List.of(1_000_000_001L, 2L), 10_000_000, 1_250_000_000),
                figures().cpu());
        assertEquals(new Throttling(34, 3, 36_553_039), figures().throttling());
    }

    @Test
    void version_1_has_what_was_used_at_most_and_refused() throws IOException {
        v1("memory.stat", "cache 4096\nrss 8192\ntotal_inactive_file 77\nnumber_of_a_later_kernel 5\n");
        v1("memory.usage_in_bytes", "12288\n");
        v1("memory.max_usage_in_bytes", "20480\n");
        v1("memory.limit_in_bytes", "67108864\n");
        v1("memory.failcnt", "9\n");

        Memory memory = figures().memory(MACHINE);

        assertEquals(12_288, memory.usage());
        assertEquals(20_480, memory.most());
        assertEquals(67_108_864, memory.limit());
        assertEquals(9, memory.refused());
        assertEquals(4_096, memory.stats().get("cache"));
        assertEquals(77, memory.stats().get("total_inactive_file"));
        assertEquals(0, memory.stats().get("hierarchical_memsw_limit"));
        assertNull(memory.stats().get("number_of_a_later_kernel"));
    }

    @Test
    void without_a_limit_it_is_the_machines_memory() throws IOException {
        v1("memory.stat", "cache 0\n");
        v1("memory.limit_in_bytes", UNLIMITED_V1);
        v1("pids.current", "3\n");
        v1("pids.max", "max\n");

        assertEquals(MACHINE, figures().memory(MACHINE).limit());
        assertEquals(3, figures().pids().current());
        assertNull(figures().pids().limit());
    }

    @Test
    void version_1_takes_the_figures_of_throttling_where_no_scheduler_counts() throws IOException {
        v1("blkio.throttle.io_service_bytes_recursive", "254:0 Read 1\n254:0 Total 1\nTotal 1\n");
        v1("blkio.throttle.io_serviced_recursive", "Total 0\n");

        assertEquals(
                List.of(new Device(254, 0, "Read", 1), new Device(254, 0, "Total", 1)),
                figures().blkio().bytes());
        assertEquals(List.of(), figures().blkio().operations());

        v1("blkio.io_service_bytes_recursive", "8:0 Read 2\nTotal 2\n");
        v1("blkio.sectors_recursive", "8:0 7\n");
        assertEquals(List.of(new Device(8, 0, "Read", 2)), figures().blkio().bytes());
        assertEquals(List.of(new Device(8, 0, "", 7)), figures().blkio().sectors());
    }

    @Test
    void version_2_counts_in_microseconds() throws IOException {
        v2(
                "cpu.stat",
                "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 4\nnr_throttled 2\nthrottled_usec 9\n");
        v2("pids.current", "2\n");
        v2("pids.max", "max\n");

        assertEquals(
                new CpuUsage(1_500_000, List.of(), 500_000, 1_000_000),
                figures().cpu());
        assertEquals(new Throttling(4, 2, 9_000), figures().throttling());
        assertEquals(new BigInteger("18446744073709551615"), figures().pids().limit());
    }

    @Test
    void version_2_has_memory_as_its_kernel_names_it() throws IOException {
        v2("memory.stat", "anon 4096\nfile 8192\ninactive_file 4096\n");
        v2("memory.current", "16384\n");
        v2("memory.max", "max\n");
        v2("memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n");

        Memory memory = figures().memory(MACHINE);

        assertEquals(16_384, memory.usage());
        assertEquals(0, memory.most());
        assertEquals(MACHINE, memory.limit());
        assertEquals(2, memory.refused());
        assertEquals(4_096, memory.stats().get("inactive_file"));
        assertEquals(0, memory.stats().get("pgscan"));

        v2("memory.max", "0\n");
        assertEquals(0, figures().memory(MACHINE).limit());
    }

    @Test
    void version_2_has_bytes_by_device() throws IOException {
        v2("io.stat", "8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=0 dios=0\n8:16 \n");

        assertEquals(
                new BlockIo(
                        List.of(new Device(8, 0, "read", 4_096), new Device(8, 0, "write", 512)),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null),
                figures().blkio());
    }

    @Test
    void what_a_host_does_not_count_is_left_out() throws IOException {
        assertEquals(Memory.NONE, figures().memory(MACHINE));
        assertEquals(0, figures().cpu().total());
        assertEquals(0, figures().pids().current());
    }

    @Test
    void a_file_stays_open_until_the_end() throws IOException {
        v1("pids.current", "3\n");
        GroupFiles files = new GroupFiles(root, "/gantry/c", new KernelText());
        assertEquals(3, files.number("pids.current"));

        Files.writeString(root.resolve("pids/gantry/c/pids.current"), "4\n");
        assertEquals(4, files.number("pids.current"));
        Files.delete(root.resolve("pids/gantry/c/pids.current"));
        assertEquals(4, files.number("pids.current"));

        files.close();
        assertEquals(0, files.number("pids.current"));
    }

    @Test
    void of_very_many_devices_some_are_left_out() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int minor = 0; minor < 10_000; minor++) {
            lines.append("259:").append(minor).append(" Read 1\n");
        }
        v1("blkio.throttle.io_service_bytes_recursive", lines + "Total 10000\n");

        int told = figures().blkio().bytes().size();

        assertTrue(told > 4_000 && told < 10_000, () -> told + " devices");
    }

    @Test
    void what_is_no_number_is_an_error() throws IOException {
        v1("pids.current", "many\n");

        assertThrows(NumberFormatException.class, () -> figures().pids());
    }
}
