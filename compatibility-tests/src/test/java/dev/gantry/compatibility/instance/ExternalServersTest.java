package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Engine.Answer;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.ImageFormat;
import dev.gantry.compatibility.fixtures.LayerCompression;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import dev.gantry.compatibility.fixtures.TestImages;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL and Kafka that others run: they are used, and when they are away, containers do not mind. */
@InstanceTest
class ExternalServersTest implements MainCommands {
    private static final double PATIENCE_SECONDS = 10;

    private ExternalServer postgres;
    private ExternalServer kafka;
    private Instance instance;
    private Database database;
    private Holdings holdings;
    private Map<String, Long> before;

    @BeforeAll
    void start() {
        postgres = ExternalServer.postgres();
        kafka = ExternalServer.kafka();
        Map<String, String> settings = new LinkedHashMap<>(postgres.settings());
        settings.putAll(kafka.settings());
        instance = Instance.start(Topology.TOGETHER, settings);
        database = new Database(postgres.directory());
        holdings = new Holdings(instance, database);
        try (Docker docker = instance.docker()) {
            // The first container brings what stays: the bridge and the snapshot of its image's layer.
            docker.ok("run", "--rm", Images.BUSYBOX, "true");
        }
        before = holdings.settled();
    }

    @AfterEach
    void nothing_is_left() {
        holdings.returnTo(before, "what the test left");
    }

    @AfterAll
    void stop() {
        if (instance != null) {
            instance.close();
        }
        if (kafka != null) {
            kafka.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Override
    public Instance instance() {
        return instance;
    }

    @Override
    public Database database() {
        return database;
    }

    @Test
    void nothing_embedded_is_started() {
        assertFalse(Files.exists(instance.data().resolve("postgres")));
        assertFalse(Files.exists(instance.data().resolve("kafka")));
    }

    @Test
    void without_postgresql_commands_are_refused_and_containers_run() {
        try (Docker docker = instance.docker();
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            String counting = docker.name("counting");
            docker.ok("run", "-d", "--name", counting, Images.BUSYBOX, "sh", "-c", KillMatrix.COUNTING);
            String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", counting);
            String ending = docker.name("ending");
            docker.ok("run", "-d", "--name", ending, Images.BUSYBOX, "sh", "-c", "sleep 2; echo last; exit 9");
            for (int i = 0; i < 4; i++) {
                String name = docker.name("under-way-" + i);
                clients.submit(() -> docker.call("run", "-d", "--name", name, Images.BUSYBOX, "sleep", "1000"));
            }
            Docker.pause(150);

            postgres.kill();
            List<String> wrong = new ArrayList<>();
            try {
                for (String path : List.of("/containers/json", "/images/json", "/volumes", "/networks/bridge")) {
                    wrong.addAll(refusal("GET", path));
                }
                wrong.addAll(refusal("POST", "/containers/" + counting + "/stop"));
                wrong.addAll(refusal("DELETE", "/containers/" + counting + "?force=1"));
                Docker.pause(1000);
            } finally {
                postgres.start();
            }
            assertEquals(List.of(), wrong);

            Docker.await("it works again", () -> docker.call("ps").exitCode() == 0);
            Docker.await("the end is known", () -> docker.ok("inspect", "-f", "{{.State.ExitCode}}", ending)
                    .equals("9"));
            assertEquals("last", docker.ok("logs", ending));
            assertEquals(pid, docker.ok("inspect", "-f", "{{.State.Pid}}", counting));
            List<String> lines = docker.call("logs", counting).lines();
            assertEquals(
                    IntStream.range(0, lines.size()).mapToObj(Integer::toString).toList(), lines);
            assertEquals("hi", docker.ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
            new Ownership(instance, database).settle();
        }
    }

    /** What is wrong with the refusal of that request, if anything. */
    private List<String> refusal(String method, String path) {
        long begin = System.nanoTime();
        Answer answer = instance.engine().send(method, path, null, Map.of());
        double seconds = (System.nanoTime() - begin) / 1e9;
        boolean clear = answer.status() == 503 && answer.message().contains("database");
        return clear && seconds <= PATIENCE_SECONDS
                ? List.of()
                : List.of("%s %s: %d %s after %.1f s".formatted(method, path, answer.status(), answer.body(), seconds));
    }

    @Test
    void without_kafka_commands_go_on_and_events_arrive_later() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        try (Docker docker = instance.docker();
                LoopbackRegistry registry = LoopbackRegistry.start()) {
            String image = registry.push(
                    "kafka",
                    docker.name("t"),
                    TestImages.manyLayers(2).published(ImageFormat.OCI, LayerCompression.GZIP));
            Process listening = docker.start(
                    "events", "--filter", "type=container", "--format", "{{.Actor.Attributes.name}} {{.Action}}");
            String begin = docker.ok("info", "--format", "{{.SystemTime}}");
            List<String> expected = new ArrayList<>();

            kafka.kill();
            try {
                docker.ok("pull", image);
                for (int i = 0; i < 3; i++) {
                    String name = docker.name("c" + i);
                    docker.ok("run", "-d", "--name", name, image, "sh", "-c", Attempt.STOPPABLE);
                    docker.ok("stop", "-t", "2", name);
                    docker.ok("rm", name);
                    for (String action : List.of("create", "start", "kill", "die", "stop", "destroy")) {
                        expected.add(name + " " + action);
                    }
                }
                docker.ok("rmi", image);
            } finally {
                kafka.start();
            }

            List<String> live = new ArrayList<>();
            var reader = listening.inputReader();
            while (live.size() < expected.size()) {
                live.add(reader.readLine());
            }
            assertEquals(expected, live);
            Docker.await("the outbox is empty", () -> database.query("select 1 from container.outbox union all"
                            + " select 1 from image.outbox union all select 1 from network.outbox")
                    .isEmpty());
            List<String> told = docker.call(
                            "events",
                            "--since",
                            begin,
                            "--until",
                            "1s",
                            "--filter",
                            "type=container",
                            "--format",
                            "{{.Actor.Attributes.name}} {{.Action}}")
                    .lines();
            assertEquals(expected, told);
            assertTrue(docker.call("events", "--since", begin, "--until", "0s", "--filter", "type=image")
                    .out()
                    .contains(" image pull "));
        }
    }
}
