package dev.gantry.compatibility.instance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Clients that make, join, leave and remove networks and containers at random while parts are killed under them. What
 * becomes of a single request is not looked at; what is left of all of them in the end is counted.
 */
final class NetworkStorm {
    private static final int CLIENTS = 4;

    /** Of each kind: few, so that requests meet. */
    private static final int NAMES = 5;

    private static final String PREFIX = "storm-";

    private final Instance instance;
    private final Database database;
    private final long seed;
    private final AtomicInteger succeeded = new AtomicInteger();

    NetworkStorm(Instance instance, Database database, long seed) {
        this.instance = instance;
        this.database = database;
        this.seed = seed;
    }

    /** @param operations of all clients together */
    void rage(int operations) throws Exception {
        // What the first container brings for all: the default network, the image's layers.
        try (Docker docker = instance.docker()) {
            docker.ok("run", "--rm", Images.BUSYBOX, "true");
        }
        Holdings holdings = new Holdings(instance, database);
        Map<String, Long> before = holdings.settled();
        Random random = new Random(seed);
        List<String> parts = instance.parts();
        int kills = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                Random own = new Random(random.nextLong());
                running.add(clients.submit(
                        () -> IntStream.range(0, operations / CLIENTS).forEach(_ -> operate(own))));
            }
            while (running.stream().anyMatch(client -> !client.isDone())) {
                Docker.pause(random.nextInt(500, 3000));
                List<String> victims =
                        random.nextInt(4) == 0 ? parts : List.of(parts.get(random.nextInt(parts.size())));
                // It would take what ends this often for something that cannot start.
                Instance.signal("KILL", List.of(instance.pid(Instance.SUPERVISOR)));
                instance.kill(victims);
                instance.up();
                kills++;
            }
            for (Future<?> client : running) {
                client.get();
            }
        }
        instance.up();
        new Ownership(instance, database).settle();
        removeAll();
        new Ownership(instance, database).settle();
        holdings.returnTo(before, "storm of seed " + seed);
        System.out.printf(
                "storm of seed %d: %d of %d operations succeeded, %d kills%n",
                seed, succeeded.get(), operations, kills);
    }

    /** Until there is an answer, whatever it is: what was cut off is one more request. */
    private void operate(Random random) {
        while (!answered(random)) {
            Docker.pause(200);
        }
    }

    private boolean answered(Random random) {
        Engine engine = instance.engine();
        String container = PREFIX + random.nextInt(NAMES);
        String network = PREFIX + random.nextInt(NAMES);
        String member = "{\"Container\":\"" + container + "\",\"Force\":" + random.nextBoolean() + "}";
        try {
            int status =
                    switch (random.nextInt(8)) {
                        case 0, 1 ->
                            engine.post("/networks/create", network(network, random))
                                    .status();
                        case 2 -> engine.delete("/networks/" + network).status();
                        case 3 -> run(engine, container, network, random);
                        case 4 ->
                            engine.delete("/containers/" + container + "?force=1&v=1")
                                    .status();
                        case 5, 6 ->
                            engine.post("/networks/" + network + "/connect", member)
                                    .status();
                        default ->
                            engine.post("/networks/" + network + "/disconnect", member)
                                    .status();
                    };
            if (status < 300) {
                succeeded.incrementAndGet();
            }
            return status != 503;
        } catch (RuntimeException cut) {
            return false;
        }
    }

    private static String network(String name, Random random) {
        return "{\"Name\":\"%s\",\"EnableIPv6\":%b,\"Internal\":%b}"
                .formatted(name, random.nextBoolean(), random.nextInt(4) == 0);
    }

    private static int run(Engine engine, String name, String network, Random random) {
        String mode = random.nextBoolean() ? "bridge" : network;
        int created = engine.post(
                        "/containers/create?name=" + name,
                        """
                        {"Image":"%s","Cmd":["sleep","1000"],"ExposedPorts":{"80/tcp":{}},
                         "HostConfig":{"NetworkMode":"%s","PortBindings":{"80/tcp":[{"HostPort":""}]}}}"""
                                .formatted(Images.BUSYBOX, mode))
                .status();
        return created < 300 ? engine.post("/containers/" + name + "/start").status() : created;
    }

    private void removeAll() {
        Engine engine = instance.engine();
        for (JsonNode container : engine.get("/containers/json?all=1").is(200).json()) {
            if (container.at("/Names/0").asText().startsWith("/" + PREFIX)) {
                engine.delete("/containers/" + container.get("Id").asText() + "?force=1&v=1")
                        .is(204);
            }
        }
        for (JsonNode network : engine.get("/networks").is(200).json()) {
            if (network.get("Name").asText().startsWith(PREFIX)) {
                engine.delete("/networks/" + network.get("Id").asText()).is(204);
            }
        }
    }
}
