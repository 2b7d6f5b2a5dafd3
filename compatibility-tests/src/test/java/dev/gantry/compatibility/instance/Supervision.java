package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nobody calls {@code up} here: what dies is started again, and containers do not notice. */
interface Supervision {
    Instance instance();

    @Test
    default void a_part_that_is_killed_is_started_again() {
        try (Docker docker = instance().docker()) {
            String name = docker.sleeping("undisturbed");
            String main = docker.ok("inspect", "-f", "{{.State.Pid}}", name);

            for (String part : instance().parts()) {
                long before = instance().pid(part);
                long starts = starts(part);
                instance().kill(List.of(part));

                Docker.await(part + " runs again", () -> runsAgain(part, before));
                Docker.await(
                        "everything works again",
                        () -> docker.call("exec", name, "true").exitCode() == 0);
                assertEquals(main, docker.ok("inspect", "-f", "{{.State.Pid}}", name));
                assertEquals(starts + 1, starts(part), "its log is kept");
            }
            // Of the last one that was killed, an exec does not tell that all who need it have noticed.
            Docker.await("containers are made again", () -> {
                Result run = docker.call("run", "--rm", Images.BUSYBOX, "echo", "hi");
                return run.exitCode() == 0 && run.out().strip().equals("hi");
            });
        }
    }

    /** Its output, which it does not see any more, would else be missing without a word. */
    @Test
    default void a_client_whose_agent_dies_is_told_that_its_output_ends() throws IOException, InterruptedException {
        try (Docker docker = instance().docker()) {
            String writing = "echo up; sleep 20; echo unseen";
            String followed = docker.name("followed");
            docker.ok("run", "-d", "--name", followed, Images.BUSYBOX, "sh", "-c", writing);
            List<Process> clients = List.of(
                    docker.start("run", "--rm", "--name", docker.name("told"), Images.BUSYBOX, "sh", "-c", writing),
                    docker.start("exec", docker.sleeping("asked"), "sh", "-c", writing),
                    docker.start("logs", "-f", followed));
            clients.forEach(client -> Docker.awaitOnScreen(client, "up\n"));
            long before = instance().pid("agent");

            instance().kill(List.of("agent"));

            for (Process client : clients) {
                assertTrue(client.waitFor(15, TimeUnit.SECONDS), client.info() + " ends");
                String errors = new String(client.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(
                        errors.contains("lost the agent of the container's host") || errors.contains("unexpected EOF"),
                        client.info() + ": " + errors);
                assertEquals(1, client.exitValue(), client.info() + ": " + errors);
            }
            Docker.await("the agent runs again", () -> runsAgain("agent", before));
            instance().up();
        }
    }

    @Test
    default void without_its_supervisor_everything_runs_on_and_up_starts_another() {
        Map<String, Long> pids = new LinkedHashMap<>();
        instance().parts().forEach(part -> pids.put(part, instance().pid(part)));

        instance().kill(List.of(Instance.SUPERVISOR));
        Launcher.Outcome status = instance().launcher("status");
        instance().up();

        assertEquals(3, status.exitCode());
        assertTrue(status.lines().getFirst().startsWith("supervisor: not running"), status.printed());
        pids.forEach((part, pid) -> assertEquals(pid, instance().pid(part), part));
        instance().kill(List.of("agent"));
        Docker.await("the new one starts the agent", () -> runsAgain("agent", pids.get("agent")));
        instance().up();
    }

    @Test
    default void parts_whose_pid_files_are_taken_away_are_looked_after_all_the_same() throws IOException {
        Map<String, Long> pids = new LinkedHashMap<>();
        for (String part : List.of("agent", Instance.SUPERVISOR)) {
            pids.put(part, instance().pid(part));
            Files.delete(instance().pidFile(part));
        }
        String other = instance().parts().stream()
                .filter(part -> !part.equals("agent"))
                .findFirst()
                .orElseThrow();
        long before = instance().pid(other);

        instance().kill(List.of(other));

        Docker.await("another part runs again", () -> runsAgain(other, before));
        pids.forEach((part, pid) -> {
            Docker.await("it has a pid file", () -> Files.exists(instance().pidFile(part)));
            assertEquals(pid, instance().pid(part), part);
        });
        instance().up();
    }

    @Test
    default void everything_killed_at_once_is_back_with_up() {
        try (Docker docker = instance().docker()) {
            String name = docker.sleeping("survivor");
            String main = docker.ok("inspect", "-f", "{{.State.Pid}}", name);
            List<String> all = new ArrayList<>(instance().parts());
            all.add(Instance.SUPERVISOR);

            instance().kill(all);
            instance().up();

            assertEquals(main, docker.ok("inspect", "-f", "{{.State.Pid}}", name));
            Launcher.Outcome status = instance().launcher("status");
            assertEquals(0, status.exitCode(), status.printed());
            assertFalse(status.printed().contains("not running"), status.printed());
        }
    }

    private boolean runsAgain(String part, long before) {
        long now = instance().pid(part);
        return now != before && Instance.isRunning(now);
    }

    private long starts(String part) {
        try (var lines = Files.lines(instance().logs().resolve(part + ".out"))) {
            return lines.filter(line -> line.startsWith("== start")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
