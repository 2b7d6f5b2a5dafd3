package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.fixtures.GroupFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits and confinement of new containers, at the kernel's files; what is refused is in the words of dockerd 26.1.5. */
@EndpointTest
class LimitsTest {
    private static Result run(Docker docker, String options, String... command) {
        List<String> words = new ArrayList<>(List.of("run", "--rm"));
        words.addAll(List.of(options.split(" ")));
        words.add(Images.BUSYBOX);
        words.addAll(List.of(command));
        return docker.call(words.toArray(String[]::new));
    }

    private static Result shell(Docker docker, String options, String script) {
        return run(docker, options, "sh", "-c", script);
    }

    private static void assumeVersion1(Docker docker) {
        Assumptions.assumeFalse(GroupFile.version2(docker), "these files are those of control groups' version 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "--memory 64m                        ~ memory/memory.limit_in_bytes       ~ 67108864",
                "--memory 64m                        ~ memory/memory.memsw.limit_in_bytes ~ 134217728",
                "--memory 64m --memory-swap 64m      ~ memory/memory.memsw.limit_in_bytes ~ 67108864",
                "--memory-reservation 32m            ~ memory/memory.soft_limit_in_bytes  ~ 33554432",
                "--memory-swappiness 0               ~ memory/memory.swappiness           ~ 0",
                "--memory-swappiness 55              ~ memory/memory.swappiness           ~ 55",
                "--cpu-shares 512                    ~ cpu/cpu.shares                     ~ 512",
                "--cpus 0.5                          ~ cpu/cpu.cfs_quota_us               ~ 50000",
                "--cpu-period 50000 --cpu-quota 4000 ~ cpu/cpu.cfs_period_us              ~ 50000",
                "--cpu-period 50000 --cpu-quota 4000 ~ cpu/cpu.cfs_quota_us               ~ 4000",
                "--cpu-quota -1                      ~ cpu/cpu.cfs_quota_us               ~ -1",
                "--cpuset-cpus 0                     ~ cpuset/cpuset.cpus                 ~ 0",
                "--cpuset-mems 0                     ~ cpuset/cpuset.mems                 ~ 0",
                "--pids-limit 55                     ~ pids/pids.max                      ~ 55",
                "--pids-limit -1                     ~ pids/pids.max                      ~ max",
            })
    void limit_is_the_kernels(String options, String file, String value, Docker docker) {
        assumeVersion1(docker);

        assertEquals(
                value, run(docker, options, "cat", "/sys/fs/cgroup/" + file).text());
    }

    @Test
    void real_time_period_is_the_kernels(Docker docker) {
        assumeVersion1(docker);
        Assumptions.assumeTrue(
                Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.rt_period_us")),
                "the kernel schedules no groups in real time");

        assertEquals(
                "10000",
                run(docker, "--cpu-rt-period 10000", "cat", "/sys/fs/cgroup/cpu/cpu.rt_period_us")
                        .text());
    }

    /** The numbers of a block device of this machine, and its path. */
    private static String[] disk() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/sys/block"))) {
            for (Path block : all.sorted().toList()) {
                String name = block.getFileName().toString();
                Path node = Path.of("/dev", name);
                if (Files.exists(node) && Files.exists(block.resolve("device"))) {
                    return new String[] {
                        node.toString(), Files.readString(block.resolve("dev")).strip()
                    };
                }
            }
        }
        Assumptions.abort("this machine has no disk of its own");
        return new String[0];
    }

    @Test
    void rates_of_block_devices_are_the_kernels(Docker docker) throws Exception {
        assumeVersion1(docker);
        String[] disk = disk();
        String options = "--device-read-bps %1$s:1mb --device-write-bps %1$s:2mb --device-read-iops %1$s:100"
                + " --device-write-iops %1$s:200";

        List<String> lines = shell(
                        docker, options.formatted(disk[0]), "cat /sys/fs/cgroup/blkio/blkio.throttle.*_device")
                .lines();

        assertEquals(
                Set.of(disk[1] + " 1048576", disk[1] + " 2097152", disk[1] + " 100", disk[1] + " 200"),
                new TreeSet<>(lines));
    }

    @Test
    void rates_are_shown(Docker docker) {
        String name = docker.name("rates");
        docker.ok("create", "--name", name, "--device-read-bps", "/dev/nosuch:1mb", Images.BUSYBOX);

        assertEquals(
                "[{\"Path\":\"/dev/nosuch\",\"Rate\":1048576}]",
                docker.inspect(name).at("/HostConfig/BlkioDeviceReadBps").toString());
        docker.call("start", name).exits(1).saysError("stat /dev/nosuch: no such file or directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "--cpuset-cpus 4000       ~ Requested CPUs are not available - requested 4000, available: 0",
                "--cpuset-cpus a          ~ Invalid value a for cpuset cpus: invalid format: a",
                "--cpuset-mems 400        ~ Requested memory nodes are not available - requested 400, available: 0",
                "--cpuset-mems a          ~ Invalid value a for cpuset mems: invalid format: a",
                "--cpu-rt-runtime 900 --cpu-rt-period 100 ~ cpu real-time runtime cannot be higher than cpu real-time period"
                        + "|kernel does not support CPU real-time scheduler",
                "--oom-score-adj 5000     ~ Invalid value 5000, range for oom score adj is \\[-1000, 1000\\]",
                "--storage-opt bogus=1G   ~ Unknown option bogus",
                "--ipc bogus              ~ invalid IPC mode: bogus",
                "--ipc container:nosuch   ~ No such container: nosuch",
                "--pid container:nosuch   ~ No such container: nosuch",
                "--uts host --hostname x  ~ conflicting options: hostname and the UTS mode",
                "--runtime bogus          ~ unknown or invalid runtime name: bogus",
                "--group-add bogus        ~ Unable to find group bogus: no matching entries in group file",
                "--device /etc/passwd     ~ error gathering device information while adding custom device \"/etc/passwd\": not a"
                        + " device node",
                "--annotation =b          ~ invalid Annotations: the empty string is not permitted as an annotation key",
                "--stop-signal bogus      ~ invalid signal: bogus",
                "--isolation hyperv       ~ Invalid isolation: \"hyperv\" - linux only supports 'default'",
                "--security-opt no-new-privileges=bogus ~ invalid --security-opt 2: \"no-new-privileges=bogus\"",
                "--security-opt systempaths=bogus       ~ invalid --security-opt 2: \"systempaths=bogus\"",
                "--security-opt bogus=x                 ~ invalid --security-opt 2: \"bogus=x\"",
                "--gpus all               ~ could not select device driver \"\" with capabilities: \\[\\[gpu\\]\\]",
            })
    void refused_with_the_words_of_dockerd(String options, String message, Docker docker) {
        run(docker, options, "true").exits(125).saysError(message);
    }

    @Test
    void too_few_shares_are_refused_by_the_runtime(Docker docker) {
        assumeVersion1(docker);

        run(docker, "--cpu-shares 1", "true").exits(125).saysError("the minimum allowed cpu-shares is 2: unknown");
        run(docker, "--cpu-shares 300000", "true")
                .exits(125)
                .saysError("the maximum allowed cpu-shares is 262144: unknown");
    }

    @Test
    void size_of_a_container_needs_a_file_system_with_quotas(Docker docker) {
        String storage = docker.ok("info", "--format", "{{json .DriverStatus}}");
        Assumptions.assumeFalse(storage.contains("xfs"), "this file system may have quotas");

        run(docker, "--storage-opt size=1G", "true")
                .exits(125)
                .saysError("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
    }

    @Test
    void unkillable_container_without_a_limit_is_warned_of(Docker docker) {
        assumeVersion1(docker);
        Result result = run(
                docker, "--oom-kill-disable", "grep", "oom_kill_disable 1", "/sys/fs/cgroup/memory/memory.oom_control");

        result.exits(0).saysError("OOM killer is disabled for the container, but no memory limit is set");
        assertEquals("oom_kill_disable 1", result.text());
    }

    @Test
    void weights_that_the_kernel_does_not_know_are_discarded(Docker docker) {
        Assumptions.assumeFalse(
                GroupFile.version2(docker) || Files.exists(Path.of("/sys/fs/cgroup/blkio/blkio.weight")),
                "the kernel knows weights");
        String name = docker.name("weights");

        docker.call(
                        "create",
                        "--name",
                        name,
                        "--blkio-weight",
                        "300",
                        "--blkio-weight-device",
                        "/dev/nosuch:300",
                        Images.BUSYBOX)
                .exits(0)
                .saysError("does not support Block I/O weight or the cgroup is not mounted. Weight discarded")
                .saysError(
                        "does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded");

        assertEquals(0, docker.inspect(name).at("/HostConfig/BlkioWeight").asInt());
        assertEquals(
                "[]", docker.inspect(name).at("/HostConfig/BlkioWeightDevice").toString());
        docker.ok("start", name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "--oom-score-adj 500                        ~ cat /proc/self/oom_score_adj                 ~ 500",
                "--ulimit nofile=100:200                    ~ echo $(ulimit -n) $(ulimit -Hn)              ~ 100 200",
                "--ulimit core=-1 --ulimit nproc=500        ~ echo $(ulimit -c) $(ulimit -u)               ~ unlimited 500",
                "--sysctl net.ipv4.ip_forward=1             ~ cat /proc/sys/net/ipv4/ip_forward            ~ 1",
                "--sysctl kernel.msgmax=65536               ~ cat /proc/sys/kernel/msgmax                  ~ 65536",
                "--shm-size 10m                             ~ df -k /dev/shm | awk 'END {print $2}'        ~ 10240",
                "--ipc none                                 ~ ls /dev/shm 2>&1 | grep -c 'No such file'    ~ 1",
                "--userns host                              ~ awk '{print $1, $2}' /proc/self/uid_map      ~ 0 0",
                "--group-add 5 --group-add 777              ~ id -G                                        ~ 0 5 777",
                "--domainname dom.example --hostname h      ~ cat /proc/sys/kernel/domainname              ~ dom.example",
                "--domainname dom.example --hostname h      ~ hostname -f                                  ~ h.dom.example",
                "--device /dev/null:/dev/mine               ~ stat -c '%t %T' /dev/mine                    ~ 1 3",
                "--init                                     ~ cat /proc/1/comm                             ~ docker-init",
                "--isolation default                        ~ echo x                                       ~ x",
                "--annotation a.b=c                         ~ echo x                                       ~ x",
                "--security-opt no-new-privileges           ~ awk '/NoNewPrivs/ {print $2}' /proc/self/status ~ 1",
                "--security-opt no-new-privileges:true      ~ awk '/NoNewPrivs/ {print $2}' /proc/self/status ~ 1",
                "--security-opt no-new-privileges=false     ~ awk '/NoNewPrivs/ {print $2}' /proc/self/status ~ 0",
                "--security-opt seccomp=unconfined          ~ awk '/Seccomp:/ {print $2}' /proc/self/status ~ 0",
                "--security-opt seccomp=builtin             ~ awk '/Seccomp:/ {print $2}' /proc/self/status ~ 2",
                "--security-opt systempaths=unconfined      ~ mount | grep -c ' /proc/'                    ~ 0",
                "--security-opt label=disable               ~ echo x                                       ~ x",
                "--security-opt apparmor=unconfined         ~ echo x                                       ~ x",
            })
    void container_has_what_was_asked_for(String options, String script, String said, Docker docker) {
        assertEquals(said, shell(docker, options, script + " || true").text());
    }

    @ParameterizedTest
    @CsvSource({"x,x", "/y,y", "../../z,z"})
    void parent_of_the_group_is_below_the_root(String parent, String group, Docker docker) {
        assumeVersion1(docker);
        String own = docker.name("parent");

        String line = shell(docker, "--cgroup-parent " + parent + own, "grep pids: /proc/self/cgroup")
                .text();

        assertTrue(line.matches("[0-9]+:pids:/" + group + own + "/[0-9a-f]{64}"), line);
        for (String controller : List.of(
                "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids", "systemd", "unified")) {
            Path.of("/sys/fs/cgroup", controller, group + own).toFile().delete();
        }
    }

    @Test
    void group_is_its_own_root_when_asked_for(Docker docker) {
        assumeVersion1(docker);

        assertTrue(shell(docker, "--cgroupns private", "grep pids: /proc/self/cgroup")
                .text()
                .endsWith(":pids:/"));
        assertTrue(shell(docker, "--cgroupns host", "grep pids: /proc/self/cgroup")
                .text()
                .matches(".*/[0-9a-f]{64}"));
    }

    @Test
    void time_and_signal_to_stop_are_kept(Docker docker) {
        String name = docker.name("stops");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                "--stop-signal",
                "USR1",
                "--stop-timeout",
                "60",
                Images.BUSYBOX,
                "sh",
                "-c",
                "trap 'exit 7' USR1; while :; do sleep 0.1; done");
        assertEquals("USR1", docker.inspect(name).at("/Config/StopSignal").asText());
        assertEquals(60, docker.inspect(name).at("/Config/StopTimeout").asInt());

        docker.ok("stop", name);

        assertEquals(7, docker.inspect(name).at("/State/ExitCode").asInt());
    }

    @Test
    void device_is_used_as_far_as_its_rule_allows(Docker docker) throws Exception {
        assumeVersion1(docker);
        String[] disk = disk();

        assertEquals(
                "b " + disk[1] + " r",
                shell(
                                docker,
                                "--device " + disk[0] + ":/dev/mine:r",
                                "grep '^b [0-9]' /sys/fs/cgroup/devices/devices.list")
                        .text());
        assertEquals(
                "c 254:* rw",
                docker.ok(
                        "run",
                        "--rm",
                        "--device-cgroup-rule",
                        "c 254:* rw",
                        Images.BUSYBOX,
                        "grep",
                        "^c 254",
                        "/sys/fs/cgroup/devices/devices.list"));
    }

    @Test
    void seccomp_profile_is_applied(Docker docker, @TempDir Path directory) throws Exception {
        Path profile = directory.resolve("profile.json");
        String refusing = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{%s,\"action\":\"SCMP_ACT_ERRNO\"}]}";
        for (String which : List.of("\"names\":[\"mkdir\"]", "\"name\":\"mkdir\"")) {
            Files.writeString(profile, refusing.formatted(which));
            run(docker, "--security-opt seccomp=" + profile, "mkdir", "/tmp/x")
                    .exits(1)
                    .saysError("Operation not permitted");
        }

        Files.writeString(profile, refusing.formatted("\"name\":\"mkdir\",\"names\":[\"rmdir\"]"));
        run(docker, "--security-opt seccomp=" + profile, "true")
                .exits(125)
                .saysError(
                        "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");

        Files.writeString(profile, "{}");
        run(docker, "--security-opt seccomp=" + profile, "true").exits(0);
        Files.writeString(profile, "{\"defaultAction\":\"BOGUS\"}");
        run(docker, "--security-opt seccomp=" + profile, "true").exits(125).saysError("BOGUS");
    }

    @Test
    void profiles_and_labels_are_passed_over_where_the_kernel_has_none(Docker docker) {
        Assumptions.assumeFalse(Files.exists(Path.of("/sys/kernel/security/apparmor")), "the kernel has AppArmor");
        Assumptions.assumeFalse(Files.exists(Path.of("/sys/fs/selinux/enforce")), "the kernel has SELinux");

        run(docker, "--security-opt apparmor=bogus --security-opt label=type:bogus", "true")
                .exits(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{\"Driver\":\"bogus\",\"Count\":1}                   ~ could not select device driver \"bogus\" with"
                        + " capabilities: []",
                "{\"Count\":1,\"DeviceIDs\":[\"0\"]}                  ~ could not select device driver \"\" with capabilities: []",
                "{\"Driver\":\"x\",\"Capabilities\":[[\"a\",\"b\"],[\"c\"]]} ~ could not select device driver \"x\" with"
                        + " capabilities: [[a b] [c]]",
            })
    void requests_that_no_driver_takes_fail_at_the_start(String request, String message, Docker docker) {
        String name = docker.name("request");
        Engine engine = new Engine(docker.endpoint());
        engine.post(
                        "/v1.45/containers/create?name=" + name,
                        "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{\"DeviceRequests\":[" + request + "]}}")
                .is(201);

        Engine.Answer answer =
                engine.post("/v1.45/containers/" + name + "/start").is(500);

        assertEquals(message, answer.message());
        assertEquals("created", docker.inspect(name).at("/State/Status").asText());
    }

    @Test
    void memory_of_the_kernel_has_a_least_for_clients_that_know_it(Engine engine) {
        String create = "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{\"KernelMemory\":100}}";

        assertEquals(
                "Minimum kernel memory limit allowed is 6MB",
                engine.post("/v1.41/containers/create", create).is(400).message());

        String id = engine.post("/v1.42/containers/create", create)
                .is(201)
                .json()
                .path("Id")
                .asText();
        engine.delete("/v1.42/containers/" + id).is(204);
    }
}
