package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Statistics;
import dev.gantry.compatibility.docker.ComposeProject;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What containers use: {@code docker stats}. */
@EndpointTest
class StatsTest {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private static JsonNode once(Engine engine, String name) {
        return engine.get("/v1.44/containers/" + name + "/stats?stream=false&one-shot=true")
                .is(200)
                .json();
    }

    private static JsonNode twice(Engine engine, String name) {
        return engine.get("/v1.44/containers/" + name + "/stats?stream=false")
                .is(200)
                .json();
    }

    private static Set<String> interfaces(Engine engine, String name) {
        Set<String> names = new TreeSet<>();
        once(engine, name).path("networks").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String running(Docker docker, String suffix, String command) {
        String name = docker.name(suffix);
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", command);
        return name;
    }

    @Test
    void one_reading_has_nothing_before_it_and_no_name(Docker docker, Engine engine) {
        String name = docker.sleeping("once", "--memory", "64m", "--pids-limit", "50");

        JsonNode stats = once(engine, name);

        assertTrue(stats.path("read").asText().compareTo("2020") > 0, stats::toString);
        assertEquals(NEVER, stats.path("preread").asText());
        assertFalse(stats.has("name"));
        assertFalse(stats.has("id"));
        assertTrue(stats.at("/cpu_stats/cpu_usage/total_usage").asLong() > 0, stats::toString);
        assertTrue(stats.at("/cpu_stats/system_cpu_usage").asLong() > 0, stats::toString);
        assertTrue(stats.at("/cpu_stats/online_cpus").asInt() > 0, stats::toString);
        assertEquals(
                Docker.json("{\"cpu_usage\":{\"total_usage\":0,\"usage_in_kernelmode\":0,\"usage_in_usermode\":0},"
                        + "\"throttling_data\":{\"periods\":0,\"throttled_periods\":0,\"throttled_time\":0}}"),
                stats.path("precpu_stats"));
        assertEquals(64 << 20, stats.at("/memory_stats/limit").asLong());
        assertTrue(stats.at("/memory_stats/usage").asLong() > 0, stats::toString);
        assertTrue(stats.at("/memory_stats/stats").size() > 20, stats::toString);
        assertTrue(
                stats.at("/memory_stats/stats").has("total_inactive_file")
                        || stats.at("/memory_stats/stats").has("inactive_file"),
                stats::toString);
        assertTrue(stats.at("/pids_stats/current").asInt() >= 1, stats::toString);
        assertEquals(50, stats.at("/pids_stats/limit").asInt());
        assertTrue(stats.path("blkio_stats").has("io_service_bytes_recursive"), stats::toString);
        assertEquals(0, stats.path("num_procs").asInt());
        assertEquals(0, stats.path("storage_stats").size());
    }

    @Test
    void the_second_of_two_readings_has_the_first_one(Docker docker, Engine engine) {
        String name = running(docker, "busy", "while :; do :; done");

        JsonNode stats = twice(engine, name);

        assertEquals("/" + name, stats.path("name").asText());
        assertEquals(
                docker.ok("inspect", "-f", "{{.Id}}", name), stats.path("id").asText());
        assertTrue(stats.path("read").asText().compareTo(stats.path("preread").asText()) > 0, stats::toString);
        for (String counter : new String[] {"/cpu_usage/total_usage", "/system_cpu_usage"}) {
            long now = stats.path("cpu_stats").at(counter).asLong();
            long before = stats.path("precpu_stats").at(counter).asLong();
            assertTrue(before > 0 && now > before, stats::toString);
        }
        assertEquals(stats.at("/cpu_stats/online_cpus"), stats.at("/precpu_stats/online_cpus"));
    }

    @Test
    void without_a_limit_it_is_the_machines(Docker docker, Engine engine) {
        String name = docker.sleeping("unlimited");

        assertEquals(
                engine.get("/info").json().path("MemTotal").asLong(),
                once(engine, name).at("/memory_stats/limit").asLong());
    }

    @Test
    void throttling_is_counted(Docker docker, Engine engine) {
        String name = docker.name("throttled");
        docker.ok("run", "-d", "--name", name, "--cpus", "0.1", Images.BUSYBOX, "sh", "-c", "while :; do :; done");

        Docker.await(
                "it is throttled",
                () -> once(engine, name)
                                .at("/cpu_stats/throttling_data/throttled_time")
                                .asLong()
                        > 0);
        JsonNode data = once(engine, name).at("/cpu_stats/throttling_data");
        assertTrue(
                data.path("periods").asLong() >= data.path("throttled_periods").asLong(), data::toString);
    }

    @Test
    void one_that_does_not_run_uses_nothing(Docker docker, Engine engine) {
        String created = docker.name("created");
        String id = docker.ok("create", "--name", created, Images.BUSYBOX, "true");
        String exited = docker.name("exited");
        docker.ok("run", "--name", exited, Images.BUSYBOX, "true");

        JsonNode stats = twice(engine, created);

        String noCpu = "{'cpu_usage':{'total_usage':0,'usage_in_kernelmode':0,'usage_in_usermode':0},"
                + "'throttling_data':{'periods':0,'throttled_periods':0,'throttled_time':0}}";
        String nothing =
                """
                {"read": "%1$s", "preread": "%1$s", "pids_stats": {}, "num_procs": 0, "storage_stats": {},
                 "blkio_stats": {"io_service_bytes_recursive": null, "io_serviced_recursive": null,
                   "io_queue_recursive": null, "io_service_time_recursive": null, "io_wait_time_recursive": null,
                   "io_merged_recursive": null, "io_time_recursive": null, "sectors_recursive": null},
                 "cpu_stats": %2$s, "precpu_stats": %2$s, "memory_stats": {}, "name": "/%3$s", "id": "%4$s"}
                """
                        .formatted(NEVER, noCpu.replace('\'', '"'), created, id);
        assertEquals(Docker.json(nothing), stats);
        assertEquals("/" + exited, once(engine, exited).path("name").asText());
    }

    @Test
    void networks_are_told_by_interface(Docker docker, Engine engine) {
        String network = docker.name("second");
        docker.ok("network", "create", network);
        String name = docker.sleeping("two");
        docker.ok("network", "connect", network, name);
        String shared = docker.sleeping("shared", "--network", "container:" + name);

        assertEquals(Set.of("eth0", "eth1"), interfaces(engine, name));
        assertEquals(Set.of("eth0", "eth1"), interfaces(engine, shared));
        assertEquals(Set.of(), interfaces(engine, docker.sleeping("none", "--network", "none")));
        assertEquals(Set.of(), interfaces(engine, docker.sleeping("host", "--network", "host")));

        docker.ok(
                "exec",
                name,
                "ping",
                "-c",
                "3",
                docker.inspect(name).at("/NetworkSettings/Gateway").asText());
        JsonNode eth0 = once(engine, name).at("/networks/eth0");
        assertTrue(eth0.path("tx_packets").asLong() >= 3, eth0::toString);
        assertTrue(eth0.path("tx_bytes").asLong() >= 252, eth0::toString);
        assertTrue(eth0.path("rx_packets").asLong() >= 3, eth0::toString);

        docker.ok("network", "disconnect", network, name);
        assertEquals(Set.of("eth0"), interfaces(engine, name));
        docker.ok("rm", "-f", shared, name);
        docker.ok("network", "rm", network);
    }

    /** Keeps what a stream tells. */
    private static final class Told extends ResultCallback.Adapter<Statistics> {
        private final List<Statistics> all = new CopyOnWriteArrayList<>();
        private volatile boolean ended;

        @Override
        public void onNext(Statistics reading) {
            all.add(reading);
        }

        @Override
        public void onComplete() {
            ended = true;
            super.onComplete();
        }
    }

    @Test
    void each_reading_of_a_stream_has_the_one_before_and_it_ends_with_the_container(Docker docker, Engine engine)
            throws IOException {
        String name = docker.sleeping("streamed");
        try (Told told = new Told();
                Told beside = new Told()) {
            engine.dockerJava().statsCmd(name).exec(told);
            engine.dockerJava().statsCmd(name).exec(beside);
            Docker.await("three readings", () -> told.all.size() >= 3 && beside.all.size() >= 3);
            assertEquals(NEVER, told.all.getFirst().getPreread());
            assertEquals(told.all.get(0).getRead(), told.all.get(1).getPreread());
            assertEquals(told.all.get(1).getRead(), told.all.get(2).getPreread());

            docker.ok("kill", name);
            Docker.await("one of nothing", () -> NEVER.equals(told.all.getLast().getRead()));
            assertEquals(0, told.all.getLast().getCpuStats().getCpuUsage().getTotalUsage());

            docker.ok("start", name);
            Docker.await(
                    "it is read again", () -> !NEVER.equals(told.all.getLast().getRead()));
            assertFalse(told.ended);

            docker.ok("rm", "-f", name);
            Docker.await("the stream ends", () -> told.ended && beside.ended);
        }
    }

    @Test
    void a_paused_one_is_read(Docker docker, Engine engine) {
        String name = docker.sleeping("paused");
        docker.ok("pause", name);

        assertTrue(once(engine, name).at("/memory_stats/usage").asLong() > 0);
        docker.ok("unpause", name);
    }

    @Test
    void what_cannot_be_is_refused(Docker docker, Engine engine) {
        String name = docker.sleeping("refused");

        assertEquals(
                "cannot have stream=true and one-shot=true",
                engine.get("/containers/" + name + "/stats?one-shot=1").is(400).message());
        for (String query : new String[] {"", "?stream=0", "?one-shot=1"}) {
            assertEquals(
                    "No such container: nosuch",
                    engine.get("/containers/nosuch/stats" + query).is(404).message());
        }
    }

    @Test
    void the_command_shows_them(Docker docker) {
        String running = running(docker, "shown", "while :; do :; done");
        String exited = docker.name("over");
        docker.ok("run", "--name", exited, Images.BUSYBOX, "true");
        String[] format = {"stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.PIDs}} {{.MemUsage}}"};

        String line = docker.ok(concat(format, running));
        assertTrue(line.matches(running + " [0-9.]+% 1 [0-9.]+[KM]iB / [0-9.]+GiB"), line);
        assertFalse(line.startsWith(running + " 0.00%"), line);
        assertEquals(exited + " 0.00% 0 0B / 0B", docker.ok(concat(format, exited)));

        List<String> live = docker.call(format).lines();
        assertTrue(live.stream().anyMatch(each -> each.startsWith(running + " ")), live::toString);
        assertFalse(live.stream().anyMatch(each -> each.startsWith(exited + " ")), live::toString);
        List<String> all = docker.call(concat(format, "-a")).lines();
        assertTrue(all.contains(exited + " 0.00% 0 0B / 0B"), all::toString);
    }

    private static String[] concat(String[] command, String last) {
        String[] whole = java.util.Arrays.copyOf(command, command.length + 1);
        whole[command.length] = last;
        return whole;
    }

    @Test
    void compose_shows_those_of_its_project(Docker docker, @TempDir Path directory) throws IOException {
        Assumptions.assumeTrue(ComposeProject.ofCompose2(docker, directory).isPresent(), "Compose 2 is not installed");
        ComposeProject project = ComposeProject.ofCompose2(docker, directory).orElseThrow();
        String file = directory.resolve("stats.yaml").toString();
        Files.writeString(
                Path.of(file),
                "services: {app: {image: '" + Images.BUSYBOX + "', command: sleep 1000, stop_grace_period: 0s}}",
                StandardCharsets.UTF_8);
        try {
            project.ok("-f", file, "up", "-d");

            String line = project.ok("-f", file, "stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}");
            assertTrue(line.matches(project.name() + "[-_]app[-_]1 1"), line);
        } finally {
            project.ok("-f", file, "down", "-t", "0");
        }
    }
}
