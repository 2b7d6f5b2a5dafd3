package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container may do and see, as the kernel tells it from inside. */
@EndpointTest
class ConfinementTest {
    private static final String DOCKER_CAPABILITIES = "00000000a80425fb";

    private static String inside(Docker docker, String script, String... options) {
        List<String> arguments = new java.util.ArrayList<>(List.of("run", "--rm"));
        arguments.addAll(Arrays.asList(options));
        arguments.addAll(List.of(Images.BUSYBOX, "sh", "-c", script));
        return docker.ok(arguments.toArray(String[]::new));
    }

    private static String status(Docker docker, String field, String... options) {
        return inside(docker, "sed -n 's/^" + field + ":[[:space:]]*//p' /proc/self/status", options);
    }

    @Test
    void capabilities_are_dockers(Docker docker) {
        for (String set : List.of("CapEff", "CapPrm", "CapBnd")) {
            assertEquals(DOCKER_CAPABILITIES, status(docker, set));
        }
        assertEquals("0000000000000000", status(docker, "CapAmb"));
    }

    @Test
    void capabilities_are_added_and_dropped(Docker docker) {
        assertEquals("00000000a80435fb", status(docker, "CapEff", "--cap-add", "NET_ADMIN"));
        assertEquals("00000000a80435fb", status(docker, "CapEff", "--cap-add", "cap_net_admin"));
        assertEquals("00000000a80425fa", status(docker, "CapEff", "--cap-drop", "CHOWN"));
        assertEquals("0000000000000000", status(docker, "CapEff", "--cap-drop", "ALL"));
        assertEquals("0000000000000001", status(docker, "CapEff", "--cap-drop", "ALL", "--cap-add", "CHOWN"));
        docker.call("run", "--rm", "--cap-add", "BOGUS", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("(unknown|invalid) capability");
    }

    @Test
    void a_user_other_than_root_has_none_in_effect(Docker docker) {
        assertEquals("0000000000000000", status(docker, "CapEff", "-u", "app"));
        assertEquals(DOCKER_CAPABILITIES, status(docker, "CapBnd", "-u", "app"));
    }

    @Test
    void seccomp_filters_unless_told_otherwise(Docker docker) {
        assertEquals("2", status(docker, "Seccomp"));
        assertEquals("0", status(docker, "Seccomp", "--security-opt", "seccomp=unconfined"));
        docker.call("run", "--rm", Images.BUSYBOX, "unshare", "-U", "true")
                .exits(1)
                .saysError("operation not permitted");
        docker.call("run", "--rm", Images.BUSYBOX, "mount", "-t", "tmpfs", "x", "/tmp")
                .exits(1)
                .saysError("permission denied|operation not permitted");
    }

    @Test
    void no_new_privileges_is_off_unless_asked_for(Docker docker) {
        assertEquals("0", status(docker, "NoNewPrivs"));
        assertEquals("1", status(docker, "NoNewPrivs", "--security-opt", "no-new-privileges"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/kcore",
                "/proc/keys",
                "/proc/timer_list",
                "/proc/sched_debug",
                "/proc/acpi",
                "/proc/scsi",
                "/sys/firmware",
                "/proc/latency_stats"
            })
    void masked_paths_show_nothing(String path, Docker docker) {
        assertEquals(
                "0",
                inside(
                        docker,
                        "if [ -d " + path + " ]; then ls " + path + " | wc -l; " + "elif [ -e " + path
                                + " ]; then head -c 10 " + path + " | wc -c; else echo 0; fi"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger", "/sys"})
    void kernel_files_are_read_only(String path, Docker docker) {
        Assumptions.assumeTrue(
                docker.call("run", "--rm", Images.BUSYBOX, "test", "-e", path).exitCode() == 0,
                "this kernel has no " + path);
        String mount = inside(docker, "grep ' " + path + " ' /proc/mounts | tail -1");

        assertTrue(mount.split(" ")[3].startsWith("ro"), mount);
    }

    @Test
    void cgroups_are_read_only(Docker docker) {
        assertEquals("", inside(docker, "awk '$3 ~ /^cgroup/ && $4 !~ /^ro/' /proc/mounts"));
    }

    @Test
    void privileged_lifts_all_of_it(Docker docker) {
        var attempt = docker.call("run", "--rm", "--privileged", Images.BUSYBOX, "true");
        // dockerd asks for more than a host may have, when that is itself confined.
        Assumptions.assumeFalse(attempt.err().contains("unable to apply caps"), attempt.err());
        assertEquals("0", status(docker, "Seccomp", "--privileged"));
        assertEquals(status(docker, "CapBnd", "--privileged"), status(docker, "CapEff", "--privileged"));
        assertNotEquals(DOCKER_CAPABILITIES, status(docker, "CapEff", "--privileged"));
        inside(docker, "mount -t tmpfs x /tmp && touch /tmp/x", "--privileged");
        assertTrue(inside(docker, "grep ' /sys ' /proc/mounts", "--privileged").contains("rw"));
        assertTrue(Integer.parseInt(inside(docker, "ls /dev | wc -l", "--privileged"))
                > Integer.parseInt(inside(docker, "ls /dev | wc -l")));
    }

    @Test
    void devices_are_the_harmless_ones(Docker docker) {
        Set<String> devices = new TreeSet<>(inside(docker, "ls /dev").lines().toList());
        devices.removeAll(Set.of("console", "core"));

        assertEquals(
                new TreeSet<>(Set.of(
                        "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
                        "tty", "urandom", "zero")),
                devices);
        docker.call("run", "--rm", Images.BUSYBOX, "sh", "-c", "mknod /tmp/d b 8 0 && head -c 1 /tmp/d")
                .exits(1)
                .saysError("operation not permitted");
    }

    @Test
    void a_device_can_be_given(Docker docker) {
        assertEquals(
                "character special file", inside(docker, "stat -c %F /dev/mine", "--device", "/dev/null:/dev/mine:rw"));
        // dockerd says 127 of it, taking it for a missing program.
        assertTrue(docker.call("run", "--rm", "--device", "/dev/nosuch", Images.BUSYBOX, "true")
                        .exitCode()
                >= 125);
    }

    @Test
    void shm_has_64_megabytes_or_what_was_asked_for(Docker docker) {
        assertEquals("65536", inside(docker, "df -k /dev/shm | tail -1 | awk '{print $2}'"));
        assertEquals("8192", inside(docker, "df -k /dev/shm | tail -1 | awk '{print $2}'", "--shm-size", "8m"));
        assertTrue(inside(docker, "grep ' /dev/shm ' /proc/mounts").contains("nosuid,nodev,noexec"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pid", "ipc", "uts", "mnt", "net"})
    void namespaces_are_its_own(String kind, Docker docker) throws Exception {
        Assumptions.assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");

        assertNotEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString(),
                inside(docker, "readlink /proc/self/ns/" + kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pid", "ipc", "uts"})
    void namespaces_can_be_the_hosts(String kind, Docker docker) throws Exception {
        Assumptions.assumeTrue(docker.endpoint().local(), "the endpoint is on another machine");

        assertEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString(),
                inside(docker, "readlink /proc/self/ns/" + kind, "--" + kind, "host"));
    }

    @Test
    void only_its_own_processes_are_seen(Docker docker) {
        assertEquals("1", inside(docker, "ls -d /proc/[0-9]* | grep -c '/proc/1$'"));
        assertTrue(Integer.parseInt(inside(docker, "ls -d /proc/[0-9]* | wc -l")) < 6);
    }

    @Test
    void ulimits_are_set_where_the_host_allows(Docker docker) {
        assertEquals("100 200", inside(docker, "echo $(ulimit -Sn) $(ulimit -Hn)", "--ulimit", "nofile=100:200"));
        assertEquals("0", inside(docker, "ulimit -c", "--ulimit", "core=0"));
        docker.call("run", "--rm", "--ulimit", "nosuch=1", Images.BUSYBOX, "true")
                .exits(125);
        docker.call("run", "--rm", "--ulimit", "nofile=200:100", Images.BUSYBOX, "true")
                .exits(125);
    }

    @Test
    void memory_cpu_and_process_limits_reach_the_cgroup(Docker docker) {
        String all = docker.ok(
                "run",
                "--rm",
                "-m",
                "64m",
                "--cpus",
                "0.5",
                "--pids-limit",
                "50",
                "--cpu-shares",
                "512",
                Images.BUSYBOX,
                "sh",
                "-c",
                "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max 2>/dev/null; "
                        + "cat cpu/cpu.cfs_quota_us cpu,cpuacct/cpu.cfs_quota_us cpu.max 2>/dev/null | head -1; "
                        + "cat pids/pids.max pids.max 2>/dev/null; true");

        assertEquals(
                List.of("67108864", "50000", "50"),
                all.lines().map(line -> line.split(" ")[0]).toList());
    }

    @Test
    void the_process_limit_holds(Docker docker) {
        assertFalse(docker.call(
                        "run",
                        "--rm",
                        "--pids-limit",
                        "5",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait")
                .err()
                .isEmpty());
    }

    @Test
    void sysctls_of_its_namespaces_can_be_set(Docker docker) {
        assertEquals("1", inside(docker, "cat /proc/sys/net/ipv4/ip_forward", "--sysctl", "net.ipv4.ip_forward=1"));
        docker.call("run", "--rm", "--sysctl", "kernel.panic=1", Images.BUSYBOX, "true")
                .exits(125);
    }

    @Test
    void the_oom_score_is_set(Docker docker) {
        assertEquals("321", inside(docker, "cat /proc/self/oom_score_adj", "--oom-score-adj", "321"));
    }
}
