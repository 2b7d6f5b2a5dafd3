package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.GroupFile;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker update}: limits at the kernel's files, restart policies, and what is refused, in the words of dockerd 26.1.5. */
@EndpointTest
class UpdateTest {
    private static final long MEBIBYTE = 1 << 20;

    private static JsonNode config(Docker docker, String name) {
        return docker.inspect(name).path("HostConfig");
    }

    private static void hasLimits(Docker docker, String name) {
        assertEquals(Long.toString(200 * MEBIBYTE), GroupFile.MEMORY.of(docker, name));
        assertEquals(Long.toString(300 * MEBIBYTE), GroupFile.memoryAndSwap(docker, name));
        assertEquals(Long.toString(100 * MEBIBYTE), GroupFile.RESERVATION.of(docker, name));
        assertEquals("77", GroupFile.PIDS.of(docker, name));
        assertEquals("0", GroupFile.CPUS.of(docker, name));
        assertEquals("0", GroupFile.MEMORY_NODES.of(docker, name));
        assertEquals("50000 100000", GroupFile.cpuTime(docker, name));
    }

    private static void limit(Docker docker, String name) {
        docker.ok(
                "update",
                "--memory",
                "200m",
                "--memory-swap",
                "300m",
                "--memory-reservation",
                "100m",
                "--pids-limit",
                "77",
                "--cpuset-cpus",
                "0",
                "--cpuset-mems",
                "0",
                "--cpus",
                "0.5",
                "--cpu-shares",
                "512",
                name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runc", "crun"})
    void running_container_has_its_limits_at_once_and_after_its_next_start(String runtime, Docker docker) {
        Assumptions.assumeTrue(
                docker.ok("info", "--format", "{{json .Runtimes}}").contains('"' + runtime + '"'), "no " + runtime);
        String name = docker.sleeping("running", "--runtime", runtime);
        String started = docker.inspect(name).at("/State/StartedAt").asText();

        limit(docker, name);

        hasLimits(docker, name);
        assertEquals(started, docker.inspect(name).at("/State/StartedAt").asText());
        JsonNode config = config(docker, name);
        assertEquals(200 * MEBIBYTE, config.path("Memory").asLong());
        assertEquals(300 * MEBIBYTE, config.path("MemorySwap").asLong());
        assertEquals(100 * MEBIBYTE, config.path("MemoryReservation").asLong());
        assertEquals(77, config.path("PidsLimit").asLong());
        assertEquals(500_000_000, config.path("NanoCpus").asLong());
        assertEquals(512, config.path("CpuShares").asLong());
        assertEquals("0", config.path("CpusetCpus").asText());
        assertEquals("0", config.path("CpusetMems").asText());

        docker.ok("restart", "-t", "5", name);

        hasLimits(docker, name);
        docker.ok("update", "--pids-limit", "-1", name);
        assertEquals("max", GroupFile.PIDS.of(docker, name));
        assertEquals(0, config(docker, name).path("PidsLimit").asLong());
    }

    @Test
    void container_that_does_not_run_starts_with_its_limits(Docker docker) {
        String name = docker.name("stopped");
        docker.ok("create", "--name", name, Images.BUSYBOX, "sleep", "1000");

        limit(docker, name);

        assertEquals(200 * MEBIBYTE, config(docker, name).path("Memory").asLong());
        docker.ok("start", name);
        hasLimits(docker, name);
    }

    @Test
    void paused_container_is_updated(Docker docker) {
        String name = docker.sleeping("paused");
        docker.ok("pause", name);

        docker.ok("update", "--pids-limit", "50", name);

        docker.ok("unpause", name);
        assertEquals("50", GroupFile.PIDS.of(docker, name));
    }

    @Test
    void several_are_updated_each_by_itself(Docker docker) {
        String name = docker.sleeping("several");
        String gone = docker.name("gone");

        docker.call("update", "--pids-limit", "50", gone, name).exits(1).saysError("No such container: " + gone);

        assertEquals("50", GroupFile.PIDS.of(docker, name));
    }

    @Test
    void restart_policy_changes_on_the_fly(Docker docker) {
        String name = docker.name("policy");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "sleep 2; echo ran; exit 3");

        docker.ok("update", "--restart", "on-failure:2", name);

        assertEquals(
                "on-failure", config(docker, name).at("/RestartPolicy/Name").asText());
        assertEquals(
                2, config(docker, name).at("/RestartPolicy/MaximumRetryCount").asInt());
        Docker.await(
                "it has been restarted twice",
                () -> docker.inspect(name).path("RestartCount").asInt() == 2
                        && docker.inspect(name).at("/State/Status").asText().equals("exited"));
        assertEquals(List.of("ran", "ran", "ran"), docker.call("logs", name).lines());
    }

    @Test
    void container_that_is_no_longer_to_be_restarted_ends(Docker docker) {
        String name = docker.name("ends");
        docker.ok("run", "-d", "--name", name, "--restart", "always", Images.BUSYBOX, "sleep", "2");

        docker.ok("update", "--restart", "no", name);

        Docker.await("it ends", "exited", () -> docker.inspect(name)
                .at("/State/Status")
                .asText());
        assertEquals("no", config(docker, name).at("/RestartPolicy/Name").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "--memory 100m ~ Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the"
                        + " same time",
                "--cpu-period 50000 ~ Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
                "--cpu-quota 50000 ~ Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
                "--restart always ~ Restart policy cannot be updated because AutoRemove is enabled for the container",
            })
    void conflicts_are_told_and_change_nothing(String options, String message, Docker docker) {
        String name = docker.sleeping("conflict", "--rm", "--cpus", "0.5");
        JsonNode before = config(docker, name);

        docker.call(("update " + options + " --pids-limit 50 " + name).split(" "))
                .exits(1)
                .saysError("Cannot update container [0-9a-f]{64}: " + message);

        assertEquals(before, config(docker, name));
        assertEquals("max", GroupFile.PIDS.of(docker, name));
        docker.ok("rm", "-f", name);
    }

    @Test
    void cpus_conflict_with_quota_and_period(Docker docker) {
        String name = docker.sleeping("cpus", "--cpu-quota", "50000");
        docker.call("update", "--cpus", "1", name)
                .exits(1)
                .saysError("Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set");
        String other = docker.sleeping("others", "--cpu-period", "50000");
        docker.call("update", "--cpus", "1", other)
                .exits(1)
                .saysError("Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{\"Memory\":1000}                                    ~ 400 ~ Minimum memory limit allowed is 6MB",
                "{\"Memory\":80000000,\"MemorySwap\":70000000}        ~ 400 ~ Minimum memoryswap limit should be larger than"
                        + " memory limit, see usage",
                "{\"MemoryReservation\":1000}                         ~ 400 ~ Minimum memory reservation allowed is 6MB",
                "{\"Memory\":8000000,\"MemoryReservation\":9000000}   ~ 400 ~ Minimum memory limit can not be less than memory"
                        + " reservation limit, see usage",
                "{\"NanoCpus\":500,\"CpuQuota\":5000}                 ~ 400 ~ Conflicting options: Nano CPUs and CPU Quota"
                        + " cannot both be set",
                "{\"CpuPeriod\":5}                                    ~ 400 ~ CPU cfs period can not be less than 1ms"
                        + " (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{\"CpuQuota\":5}                                     ~ 400 ~ CPU cfs quota can not be less than 1ms (i.e. 1000)",
                "{\"CpusetCpus\":\"x\"}                               ~ 400 ~ Invalid value x for cpuset cpus: invalid format: x",
                "{\"CpusetMems\":\"0-\"}                              ~ 400 ~ Invalid value 0- for cpuset mems: invalid format: 0-",
                "{\"RestartPolicy\":{\"Name\":\"bogus\"}}             ~ 400 ~ invalid restart policy: unknown policy 'bogus'; use"
                        + " one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{\"RestartPolicy\":{\"Name\":\"always\",\"MaximumRetryCount\":3}} ~ 400 ~ invalid restart policy: maximum retry"
                        + " count can only be used with 'on-failure'",
                "{\"IOMaximumIOps\":3}                                ~ 400 ~ Invalid QoS settings: linux does not support Maximum"
                        + " IO Bandwidth or Maximum IO IOps",
                "{\"Memory\":90000000}                                ~ 409 ~ Memory limit should be smaller than already set"
                        + " memoryswap limit, update the memoryswap at the same time",
            })
    void refused_with_the_words_of_dockerd(String body, int status, String message, Docker docker) {
        String name = docker.name("refused");
        String id = docker.ok("create", "--name", name, Images.BUSYBOX);
        Engine.Answer answer = new Engine(docker.endpoint()).post("/v1.45/containers/" + name + "/update", body);

        answer.is(status);
        assertEquals((status == 409 ? "Cannot update container " + id + ": " : "") + message, answer.message());
    }

    @Test
    void absent_processors_are_refused(Docker docker) {
        String name = docker.sleeping("absent");
        int cpus = Integer.parseInt(docker.ok("info", "--format", "{{.NCPU}}"));
        String available = cpus == 1 ? "0" : "0-" + (cpus - 1);

        docker.call("update", "--cpuset-cpus", "4000", name)
                .exits(1)
                .saysError("Requested CPUs are not available - requested 4000, available: " + available);
        docker.call("update", "--cpuset-mems", "400", name)
                .exits(1)
                .saysError("Requested memory nodes are not available - requested 400, available: 0");
        docker.call("update", "--cpus", "4000", name)
                .exits(1)
                .saysError(
                        "Range of CPUs is from 0.01 to " + cpus + ".00, as there are only " + cpus + " CPUs available");
    }

    @Test
    void update_that_the_kernel_refuses_changes_nothing(Docker docker) {
        Assumptions.assumeFalse(GroupFile.version2(docker), "version 2 of control groups has no such bound");
        String name = docker.sleeping("refused");

        docker.call("update", "--memory-reservation", "50m", "--cpu-shares", "1", name)
                .exits(1)
                .saysError("the minimum allowed cpu-shares is 2");

        assertEquals(0, config(docker, name).path("MemoryReservation").asLong());
        assertEquals(0, config(docker, name).path("CpuShares").asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "{\"Bogus\":3}", "{\"RestartPolicy\":{}}", "{\"memory\":0}"})
    void empty_updates_change_nothing(String body, Docker docker) {
        String name = docker.sleeping("empty", "--memory", "50m", "--restart", "always");
        JsonNode before = config(docker, name);
        Engine.Answer answer = new Engine(docker.endpoint()).post("/v1.45/containers/" + name + "/update", body);

        answer.is(200);
        assertTrue(answer.json().path("Warnings").isNull(), answer.body());
        assertEquals(before, config(docker, name));
    }

    @Test
    void processes_are_not_bounded_by_clients_before_1_40(Docker docker) {
        String name = docker.sleeping("old");

        new Engine(docker.endpoint())
                .post("/v1.39/containers/" + name + "/update", "{\"PidsLimit\":5}")
                .is(200);

        assertEquals("max", GroupFile.PIDS.of(docker, name));
    }

    @Test
    void warnings_are_answered(Docker docker) {
        String name = docker.sleeping("warned");

        Engine.Answer answer =
                new Engine(docker.endpoint()).post("/v1.45/containers/" + name + "/update", "{\"CpuPercent\":3}");

        answer.is(200);
        assertEquals(
                "linux does not support CPU percent. Percent discarded.",
                answer.json().at("/Warnings/0").asText());
    }

    @Test
    void event_tells_of_it(Docker docker) {
        String since = docker.ok("info", "--format", "{{.SystemTime}}");
        String name = docker.sleeping("told", "--label", "a=b");

        docker.ok("update", "--pids-limit", "50", name);

        Docker.await("the event", "update", () -> docker.call(
                        "events",
                        "--since",
                        since,
                        "--until",
                        docker.ok("info", "--format", "{{.SystemTime}}"),
                        "--filter",
                        "container=" + name,
                        "--filter",
                        "event=update",
                        "--format",
                        "{{.Action}}")
                .text());
    }
}
