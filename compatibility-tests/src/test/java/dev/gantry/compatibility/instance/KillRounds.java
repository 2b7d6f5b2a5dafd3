package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Engine.Answer;
import dev.gantry.compatibility.docker.Images.Tar;
import dev.gantry.compatibility.fixtures.ImageFormat;
import dev.gantry.compatibility.fixtures.LayerCompression;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import dev.gantry.compatibility.fixtures.TestImage;
import dev.gantry.compatibility.fixtures.TestImages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Rounds of: requests of every kind are sent so that a kill hits each at a random phase, parts are killed, the instance
 * is started again, and all must be as if nothing had happened. The random numbers come from a seed, which failures tell.
 */
final class KillRounds implements AutoCloseable {
    /** Of each kind of request in a round. */
    private static final int OF_EACH = 2;

    /** Told with the round, since nobody likes to wait. */
    private static final double SLOW_SECONDS = 10;

    private final Instance instance;
    private final Database database;
    private final Holdings holdings;
    private final LoopbackRegistry registry;
    private final long seed;
    private final Random random;
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> slow = new CopyOnWriteArrayList<>();
    private final List<String> took = new ArrayList<>();
    private int number;
    private long lap;

    KillRounds(Instance instance, Database database, LoopbackRegistry registry, long seed) {
        this.instance = instance;
        this.database = database;
        this.holdings = new Holdings(instance, database);
        this.registry = registry;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** @param parts that are killed, all at the same moment */
    void round(List<String> parts) throws Exception {
        number++;
        String context = "round " + number + " of seed " + seed + ", killing " + parts;
        took.clear();
        slow.clear();
        lap("");
        Map<String, Long> before = holdings.settled();
        Map<Attempt, Boolean> answered = send(parts);
        try {
            new Ownership(instance, database).settle();
            lap("settled");
            for (Map.Entry<Attempt, Boolean> attempt : answered.entrySet()) {
                context = "round " + number + " of seed " + seed + ", killing " + parts + ", " + attempt;
                attempt.getKey().verify(instance.engine(), attempt.getValue());
            }
            new Ownership(instance, database).settle();
            lap("verified");
            removeContainers();
            holdings.returnTo(before, context);
            lap("removed");
        } catch (AssertionError e) {
            throw new AssertionError(context + ": " + e.getMessage(), e);
        }
        System.out.printf(
                "round %d of seed %d, killing %s: %d of %d answered; %s %s%n",
                number,
                seed,
                parts,
                answered.values().stream().filter(yes -> yes).count(),
                answered.size(),
                took,
                slow);
    }

    /** Every attempt, and whether it was answered with success. */
    private Map<Attempt, Boolean> send(List<String> parts) throws Exception {
        List<Attempt> attempts = attempts();
        attempts.forEach(attempt -> attempt.prepare(instance.engine()));
        lap("prepared");
        int longest = attempts.stream().mapToInt(Attempt::span).max().orElseThrow();
        Map<Attempt, Future<Boolean>> sent = new LinkedHashMap<>();
        for (Attempt attempt : attempts) {
            int delay = longest - random.nextInt(attempt.span());
            sent.put(attempt, clients.submit(() -> {
                Docker.pause(delay);
                return succeeds(attempt);
            }));
        }
        Docker.pause(longest);
        instance.kill(parts);
        lap("killed");
        instance.up();
        lap("up");
        Map<Attempt, Boolean> answered = new LinkedHashMap<>();
        for (Map.Entry<Attempt, Future<Boolean>> attempt : sent.entrySet()) {
            answered.put(attempt.getKey(), attempt.getValue().get());
        }
        lap("answered");
        return answered;
    }

    private void lap(String what) {
        long now = System.nanoTime();
        if (!what.isEmpty()) {
            took.add("%s %.1f s".formatted(what, (now - lap) / 1e9));
        }
        lap = now;
    }

    private boolean succeeds(Attempt attempt) {
        long begin = System.nanoTime();
        try {
            Answer answer = attempt.send(instance.engine());
            return answer.status() < 300;
        } catch (RuntimeException cut) {
            return false;
        } finally {
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (seconds > SLOW_SECONDS) {
                slow.add("%s took %.1f s".formatted(attempt, seconds));
            }
        }
    }

    private List<Attempt> attempts() throws Exception {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < OF_EACH; i++) {
            String name = "round-" + number + "-" + i + "-";
            attempts.add(new Attempt.Create(name + "create"));
            attempts.add(new Attempt.Start(name + "start"));
            attempts.add(new Attempt.Stop(name + "stop"));
            attempts.add(new Attempt.Remove(name + "remove"));
            attempts.add(new Attempt.NetworkCreate(name + "network"));
            attempts.add(new Attempt.Membership("connect", name + "connect"));
            attempts.add(new Attempt.Membership("disconnect", name + "disconnect"));
            attempts.add(new Attempt.Pull(push(name), name + "pull"));
        }
        return attempts;
    }

    private String push(String name) throws Exception {
        byte[] noise = new byte[1 << 20];
        random.nextBytes(noise);
        TestImage image = TestImages.busybox()
                .withLayer(new Tar().file("noise", noise, 0644).bytes());
        return registry.push("kill", name, image.published(ImageFormat.OCI, LayerCompression.GZIP));
    }

    private void removeContainers() {
        JsonNode all = instance.engine().get("/containers/json?all=1").is(200).json();
        for (JsonNode container : all) {
            if (container.at("/Names/0").asText().startsWith("/round-")) {
                instance.engine()
                        .delete("/containers/" + container.get("Id").asText() + "?force=1&v=1")
                        .is(204);
            }
        }
    }

    /** Each container's events: once created, once destroyed, and started and dead in turns between. */
    void verifyEvents() {
        String lines = instance.engine()
                .get("/events?since=0&until=" + (System.currentTimeMillis() / 1000 + 1)
                        + "&filters=%7B%22type%22%3A%5B%22container%22%5D%7D")
                .is(200)
                .body();
        Map<String, List<String>> lives = lines.lines()
                .map(Docker::json)
                .filter(event -> event.at("/Actor/Attributes/name").asText().startsWith("round-"))
                .collect(Collectors.groupingBy(
                        event -> event.at("/Actor/Attributes/name").asText() + " "
                                + event.at("/Actor/ID").asText(),
                        LinkedHashMap::new,
                        Collectors.mapping(event -> event.get("Action").asText(), Collectors.toList())));
        lives.forEach((container, actions) -> {
            String life = actions.stream()
                    .filter(List.of("create", "start", "die", "destroy")::contains)
                    .collect(Collectors.joining(" "));
            assertEquals(life.replaceAll("^create( start die)* destroy$", ""), "", () -> container + ": " + actions);
        });
    }

    @Override
    public void close() {
        clients.close();
    }
}
