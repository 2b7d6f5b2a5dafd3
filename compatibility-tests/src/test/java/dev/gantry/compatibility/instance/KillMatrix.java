package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@code kill -9} of any part, at any phase of any command, does to containers: nothing. {@code
 * -Dgantry.compatibility.kill-rounds=N} makes N rounds with each part, and {@code -Dgantry.compatibility.seed=N} repeats
 * those that a failure told of.
 */
interface KillMatrix {
    String ROUNDS = "gantry.compatibility.kill-rounds";
    String SEED = "gantry.compatibility.seed";

    /** Prints a number every fifth of a second. */
    String COUNTING = "i=0; while :; do echo $i; i=$((i+1)); sleep 0.2; done";

    Instance instance();

    /** What is killed in the rounds that are made without {@link #ROUNDS}. */
    List<List<String>> sample(Random random);

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    default void kills_at_any_phase() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        long seed = Long.getLong(SEED, System.nanoTime() % 1_000_000);
        try (Docker docker = instance().docker();
                LoopbackRegistry registry = LoopbackRegistry.start();
                KillRounds rounds = new KillRounds(instance(), Database.of(instance()), registry, seed)) {
            String bystander = docker.name("bystander");
            docker.ok("run", "-d", "--name", bystander, Images.BUSYBOX, "sh", "-c", COUNTING);
            String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", bystander);

            for (List<String> parts : victims(new Random(seed))) {
                rounds.round(parts);
                assertEquals(pid, docker.ok("inspect", "-f", "{{.State.Pid}}", bystander), "another container");
            }

            rounds.verifyEvents();
            List<String> lines = docker.call("logs", bystander).lines();
            assertTrue(lines.size() > 10, lines::toString);
            assertEquals(
                    IntStream.range(0, lines.size()).mapToObj(Integer::toString).toList(), lines);
        }
    }

    private List<List<String>> victims(Random random) {
        int each = Integer.getInteger(ROUNDS, 0);
        if (each == 0) {
            return sample(random);
        }
        List<String> parts = instance().parts();
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            parts.forEach(part -> all.add(List.of(part)));
            all.add(parts);
        }
        Collections.shuffle(all, random);
        return all;
    }
}
