package dev.gantry.compatibility;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docker events}. */
@EndpointTest
class EventsTest {
    private static String seconds(Instant moment) {
        return "%d.%09d".formatted(moment.getEpochSecond(), moment.getNano());
    }

    /** dockerd answers a command before it has told of all that the command did; Gantry does not. */
    private static void letDockerdTell() {
        if (System.getProperty(Endpoint.AGAINST_PROPERTY) != null) {
            Docker.pause(1000);
        }
    }

    /** {@code type action} of what happened since then, by the given filters. */
    private static List<String> since(Docker docker, Instant begin, String... filters) {
        letDockerdTell();
        List<String> arguments = new ArrayList<>(List.of(
                "events",
                "--since",
                seconds(begin),
                "--until",
                seconds(Instant.now()),
                "--format",
                "{{.Type}} {{.Action}}"));
        for (String filter : filters) {
            arguments.addAll(List.of("--filter", filter));
        }
        return docker.call(arguments.toArray(String[]::new)).lines();
    }

    /**
     * All cores are busy with other runs, each of which asks for its own end as soon as its client has returned. Until now:
     * for {@code --until 0s} clients send the last whole second.
     */
    @Test
    void who_asks_right_after_a_run_hears_of_all_of_it(Docker docker) throws Exception {
        assumeTrue(
                System.getProperty(Endpoint.AGAINST_PROPERTY) == null,
                "dockerd ends a wait before it tells that the container is destroyed");
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<List<String>>> told = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                // Closed at the end: the filter also finds the containers whose names begin with the one it is given.
                String name = docker.name("short-" + i + "-run");
                told.add(clients.submit(() -> {
                    Instant begin = Instant.now();
                    docker.callWithin(300, "run", "--rm", "--name", name, Images.BUSYBOX, "true")
                            .exits(0);
                    return since(docker, begin, "container=" + name);
                }));
            }
            for (Future<List<String>> actions : told) {
                assertEquals(
                        List.of(
                                "container create",
                                "container attach",
                                "container start",
                                "container die",
                                "container destroy"),
                        actions.get());
            }
        }
    }

    @Test
    void the_life_of_a_container_is_told_in_order(Docker docker) {
        Instant begin = Instant.now();
        String name = docker.name("life");
        docker.ok("run", "--name", name, Images.BUSYBOX, "true");
        docker.ok("rename", name, name + "2");
        docker.ok("rm", name + "2");

        List<String> told = since(docker, begin, "container=" + name, "container=" + name + "2");

        assertEquals(
                List.of(
                        "container create",
                        "container attach",
                        "container start",
                        "container die",
                        "container rename",
                        "container destroy"),
                told);
    }

    @Test
    void what_ends_at_once_ends_after_it_began(Docker docker) {
        Instant begin = Instant.now();
        String name = docker.name("short");
        docker.ok("create", "--name", name, Images.BUSYBOX, "true");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            docker.ok("start", "-a", name);
            expected.addAll(List.of("start", "die"));
        }
        letDockerdTell();

        List<String> lines = docker.call(
                        "events",
                        "--since",
                        seconds(begin),
                        "--until",
                        seconds(Instant.now()),
                        "--filter",
                        "container=" + name,
                        "--filter",
                        "event=start",
                        "--filter",
                        "event=die",
                        "--format",
                        "{{.Action}} {{.TimeNano}}")
                .lines();

        assertEquals(expected, lines.stream().map(line -> line.split(" ")[0]).toList());
        List<Long> times =
                lines.stream().map(line -> Long.parseLong(line.split(" ")[1])).toList();
        assertEquals(times.stream().sorted().toList(), times);
    }

    @Test
    void every_verb_has_its_event(Docker docker) {
        Instant begin = Instant.now();
        String name = docker.sleeping("verbs");
        docker.ok("pause", name);
        docker.ok("unpause", name);
        docker.ok("exec", name, "true");
        docker.ok("top", name);
        docker.ok("kill", "-s", "CONT", name);
        docker.ok("restart", "-t", "0", name);
        docker.ok("stop", "-t", "1", name);
        docker.ok("rm", name);

        List<String> told = since(docker, begin, "container=" + name).stream()
                .map(line -> line.replaceFirst("container ", "").replaceFirst(": .*", ""))
                .toList();

        List<String> wanted = List.of(
                "create",
                "start",
                "pause",
                "unpause",
                "exec_create",
                "exec_start",
                "exec_die",
                "top",
                "kill",
                "kill",
                "die",
                "stop",
                "start",
                "restart",
                "kill",
                "die",
                "stop",
                "destroy");
        assertEquals(
                Collections.emptyList(),
                wanted.stream().filter(verb -> !told.contains(verb)).toList(),
                told::toString);
        assertEquals(told.indexOf("create"), 0);
        assertEquals("destroy", told.getLast());
        assertTrue(told.indexOf("pause") < told.indexOf("unpause"));
        assertTrue(told.lastIndexOf("die") > told.indexOf("restart"));
    }

    @Test
    void a_stop_that_loses_patience_kills_and_says_so(Docker docker) {
        Instant begin = Instant.now();
        String name = docker.name("stubborn");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "trap '' TERM; while :; do sleep 1; done");
        docker.ok("stop", "-t", "1", name);
        letDockerdTell();

        List<String> told = docker.ok(
                        "events",
                        "--since",
                        seconds(begin),
                        "--until",
                        seconds(Instant.now()),
                        "--filter",
                        "container=" + name,
                        "--format",
                        "{{.Action}} {{with index .Actor.Attributes \"signal\"}}{{.}}{{end}}")
                .lines()
                .map(String::strip)
                .toList();

        assertEquals(List.of("create", "start", "kill 15", "kill 9"), told.subList(0, 4));
        // dockerd tells the last two by two threads.
        assertEquals(
                List.of("die", "stop"),
                told.subList(4, told.size()).stream().sorted().toList());
    }

    @Test
    void a_stop_while_it_waits_for_its_restart_is_no_end_of_a_process(Docker docker) {
        String name = docker.name("restarting");
        docker.ok("run", "-d", "--name", name, "--restart", "always", Images.BUSYBOX, "false");
        // The wait doubles: by then it is long enough.
        Docker.await(
                "waiting for the sixth start",
                () -> docker.inspect(name).at("/RestartCount").asInt() >= 5
                        && docker.inspect(name).at("/State/Status").asText().equals("restarting"));
        Instant begin = Instant.now();
        docker.ok("stop", "-t", "5", name);

        assertEquals(List.of("container stop"), since(docker, begin, "container=" + name));
        assertEquals("exited", docker.inspect(name).at("/State/Status").asText());
    }

    @Test
    void attributes_tell_name_image_labels_and_exit_code(Docker docker, Engine engine) {
        Instant begin = Instant.now();
        String name = docker.name("attributes");
        docker.call("run", "--name", name, "--label", "k=v", Images.BUSYBOX, "sh", "-c", "exit 3")
                .exits(3);
        String id = docker.ok("inspect", "-f", "{{.Id}}", name);

        String lines = engine.get("/events?since=" + seconds(begin) + "&until=" + seconds(Instant.now())
                        + "&filters=%7B%22event%22%3A%5B%22die%22%5D%2C%22container%22%3A%5B%22" + name + "%22%5D%7D")
                .is(200)
                .body();

        JsonNode die = Docker.json(lines);
        assertEquals("container", die.get("Type").asText());
        assertEquals("die", die.get("Action").asText());
        assertEquals(id, die.at("/Actor/ID").asText());
        assertEquals(name, die.at("/Actor/Attributes/name").asText());
        assertEquals(Images.BUSYBOX, die.at("/Actor/Attributes/image").asText());
        assertEquals("v", die.at("/Actor/Attributes/k").asText());
        assertEquals("3", die.at("/Actor/Attributes/exitCode").asText());
        assertEquals("local", die.get("scope").asText());
        assertEquals(die.get("time").asLong(), die.get("timeNano").asLong() / 1_000_000_000L);
        assertEquals("die", die.get("status").asText());
        assertEquals(id, die.get("id").asText());
        assertEquals(Images.BUSYBOX, die.get("from").asText());
        assertTrue(die.get("timeNano").asLong() >= begin.getEpochSecond() * 1_000_000_000L);
    }

    @Test
    void images_volumes_and_networks_have_events_too(Docker docker) {
        Instant begin = Instant.now();
        String reference = docker.reference("tagged:1");
        docker.ok("tag", Images.BUSYBOX, reference);
        docker.ok("rmi", reference);
        String volume = docker.name("v");
        docker.ok("volume", "create", volume);
        String name = docker.sleeping("c", "-v", volume + ":/x");
        docker.ok("rm", "-f", name);
        docker.ok("volume", "rm", volume);

        List<String> images = since(docker, begin, "type=image");
        assertTrue(images.containsAll(List.of("image tag", "image untag")), images::toString);
        assertEquals(
                List.of("volume create", "volume mount", "volume unmount", "volume destroy"),
                since(docker, begin, "volume=" + volume).stream().distinct().toList());
        List<String> networks = since(docker, begin, "type=network", "network=bridge");
        assertTrue(networks.containsAll(List.of("network connect", "network disconnect")), networks::toString);
    }

    @Test
    void they_come_while_they_happen(Docker docker) throws Exception {
        String name = docker.name("live");
        Process events = docker.start(
                "events", "--filter", "container=" + name, "--format", "{{.Action}} {{.Actor.Attributes.name}}");
        BufferedReader reader = events.inputReader();
        // That the client is there shows by what it is told; the filter takes the beginning of a name too.
        Docker.await("events come", () -> {
            docker.ok("create", "--name", name + "-early", Images.BUSYBOX);
            docker.ok("rm", name + "-early");
            return ready(reader);
        });

        docker.ok("create", "--name", name, Images.BUSYBOX);
        docker.ok("start", name);
        docker.ok("wait", name);
        docker.ok("rm", name);

        List<String> seen = new ArrayList<>();
        while (!seen.contains("destroy " + name)) {
            seen.add(requireNonNull(reader.readLine(), "the events end"));
        }
        seen.removeIf(line -> line.endsWith("-early"));
        assertEquals(
                Stream.of("create", "start", "die", "destroy")
                        .map(action -> action + " " + name)
                        .toList(),
                seen);
    }

    private static boolean ready(BufferedReader reader) {
        try {
            return reader.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void until_ends_the_stream(Docker docker) throws Exception {
        Process events = docker.start(
                "events",
                "--since",
                seconds(Instant.now()),
                "--until",
                seconds(Instant.now().plusMillis(1500)));
        long begin = System.nanoTime();

        assertTrue(events.waitFor(20, TimeUnit.SECONDS));

        double took = (System.nanoTime() - begin) / 1e9;
        assertTrue(took > 1 && took < 5, "took " + took);
        assertEquals(0, events.exitValue());
    }

    @Test
    void history_and_present_join_without_gap(Docker docker) throws Exception {
        Instant begin = Instant.now();
        String prefix = docker.name("n");
        Thread creator = Thread.ofVirtual().start(() -> IntStream.range(0, 20)
                .forEach(i -> docker.ok("create", "--name", prefix + i, Images.BUSYBOX)));
        Docker.await(
                "some are made",
                () -> docker.call("ps", "-aq", "--filter", "name=" + prefix)
                                .lines()
                                .size()
                        >= 5);

        Process events = docker.start(
                "events",
                "--since",
                seconds(begin),
                "--filter",
                "event=create",
                "--filter",
                "container=" + prefix,
                "--format",
                "{{index .Actor.Attributes \"name\"}}");
        List<String> seen = new ArrayList<>();
        var reader = events.inputReader();
        while (seen.size() < 20) {
            seen.add(reader.readLine());
        }
        creator.join();

        assertEquals(IntStream.range(0, 20).mapToObj(i -> prefix + i).toList(), seen);
    }

    @Test
    void filters_select(Docker docker) {
        Instant begin = Instant.now();
        String one = docker.name("one");
        docker.ok("run", "--name", one, "--label", "color=red", Images.BUSYBOX, "true");
        docker.ok("run", "--name", docker.name("two"), Images.BUSYBOX, "true");
        String id = docker.ok("inspect", "-f", "{{.Id}}", one);

        assertEquals(List.of("container die"), since(docker, begin, "container=" + one, "event=die"));
        assertEquals(List.of("container die"), since(docker, begin, "container=" + id.substring(0, 16), "event=die"));
        assertEquals(List.of("container start"), since(docker, begin, "label=color=red", "event=start"));
        assertEquals(List.of(), since(docker, begin, "label=color=blue"));
        assertEquals(
                2,
                since(docker, begin, "image=" + Images.BUSYBOX, "event=start", "container=" + docker.name(""))
                        .size());
        assertEquals(List.of(), since(docker, begin, "type=volume", "container=" + one));
    }

    @Test
    void times_that_make_no_sense_are_refused(Docker docker, Engine engine) {
        assertTrue(engine.get("/events?since=abc&until=1").status() >= 400);
        assertEquals(
                "`since` time (5) cannot be after `until` time (1)",
                engine.get("/events?since=5&until=1").is(400).message());
        assertTrue(engine.get("/events?until=1&filters=bad").status() >= 400);
    }
}
