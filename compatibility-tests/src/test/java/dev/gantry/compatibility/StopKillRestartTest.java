package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code start}, {@code stop}, {@code kill}, {@code restart}, {@code pause}, {@code wait}, {@code rename}, {@code top}. */
@EndpointTest
class StopKillRestartTest {
    private static String state(Docker docker, String name) {
        return docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);
    }

    private static String trapping(Docker docker, String signal, int code) {
        String name = docker.name("trap");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                Images.BUSYBOX,
                "sh",
                "-c",
                "trap 'echo caught " + signal + "; exit " + code + "' " + signal
                        + "; echo ready; while :; do sleep 0.1; done");
        Docker.await("it is ready", () -> docker.call("logs", name).out().contains("ready"));
        return name;
    }

    @Test
    void stop_sends_TERM(Docker docker) {
        String name = trapping(docker, "TERM", 3);

        assertEquals(name, docker.ok("stop", name));

        assertEquals("exited 3", state(docker, name));
        assertTrue(docker.ok("logs", name).contains("caught TERM"));
    }

    @Test
    void stop_kills_after_the_grace_period(Docker docker) {
        String name = docker.name("stubborn");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                Images.BUSYBOX,
                "sh",
                "-c",
                "trap '' TERM; echo on; while :; do sleep 0.1; done");
        docker.awaitOutput(name, "on");
        long begin = System.nanoTime();

        docker.ok("stop", "-t", "1", name);

        double seconds = (System.nanoTime() - begin) / 1e9;
        assertEquals("exited 137", state(docker, name));
        assertTrue(seconds > 0.9 && seconds < 5, "took " + seconds);
    }

    @Test
    void stop_sends_the_signal_and_waits_the_time_of_the_container(Docker docker) {
        String name = docker.name("own");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                "--stop-signal",
                "SIGUSR2",
                "--stop-timeout",
                "1",
                Images.BUSYBOX,
                "sh",
                "-c",
                "trap 'exit 8' USR2; trap '' TERM; echo on; while :; do sleep 0.1; done");
        docker.awaitOutput(name, "on");

        docker.ok("stop", name);

        assertEquals("exited 8", state(docker, name));
    }

    @Test
    void stopping_what_is_stopped_succeeds(Docker docker, Engine engine) {
        String name = docker.sleeping("twice");
        docker.ok("stop", "-t", "1", name);

        assertEquals(name, docker.ok("stop", name));
        engine.post("/containers/" + name + "/stop").is(304);
        engine.post("/containers/" + docker.name("none") + "/stop").is(404);
    }

    @Test
    void starting_what_runs_succeeds(Docker docker, Engine engine) {
        String name = docker.sleeping("twice");

        assertEquals(name, docker.ok("start", name));
        engine.post("/containers/" + name + "/start").is(304);
    }

    @Test
    void a_stopped_container_starts_again_with_its_files(Docker docker) {
        String name = docker.sleeping("again");
        docker.ok("exec", name, "sh", "-c", "echo kept > /kept");
        docker.ok("stop", "-t", "1", name);

        docker.ok("start", name);

        assertEquals("kept", docker.ok("exec", name, "cat", "/kept"));
    }

    @Test
    void kill_sends_KILL_or_the_given_signal(Docker docker) {
        String killed = docker.sleeping("killed");
        docker.ok("kill", killed);
        assertEquals("exited 137", state(docker, killed));

        String name = trapping(docker, "USR1", 4);
        docker.ok("kill", "-s", "USR1", name);
        Docker.await("it ended", () -> state(docker, name).equals("exited 4"));
    }

    @Test
    void signals_have_names_and_numbers(Docker docker) {
        String name = trapping(docker, "HUP", 5);
        docker.ok("kill", "--signal", "1", name);
        Docker.await("it ended", () -> state(docker, name).equals("exited 5"));

        String other = docker.sleeping("other");
        docker.ok("kill", "--signal", "sigterm", other);
        Docker.await("it ended", () -> state(docker, other).equals("exited 0"));
    }

    @ParameterizedTest
    @CsvSource({
        "BOGUS, invalid signal: BOGUS",
        "SIG, invalid signal: SIG",
        "99999, the linux daemon does not support signal 99999",
        "-1, the linux daemon does not support signal"
    })
    void a_bad_signal_is_refused(String signal, String message, Docker docker) {
        String name = docker.sleeping("alive");

        docker.call("kill", "--signal=" + signal, name)
                .exits(1)
                .saysError((docker.apiMinor() >= 44 ? "cannot kill container: " + name + ": " : "") + message);

        assertEquals("running 0", state(docker, name));
    }

    @Test
    void killing_what_does_not_run_is_refused(Docker docker) {
        String name = docker.name("created");
        docker.ok("create", "--name", name, Images.BUSYBOX);

        docker.call("kill", name)
                .exits(1)
                .saysError("container [0-9a-f]{64} is not running|" + name + " is not running");
        docker.call("kill", docker.name("none")).exits(1).saysError("no such container: " + docker.name("none"));
    }

    /** SIGKILL, the container's stop signal, and any signal if it names none, end what a restart policy began. */
    @ParameterizedTest
    @CsvSource({
        "HUP, , exited 0",
        "TERM, , exited 0",
        "HUP, USR1, running 1",
        "TERM, USR1, running 1",
        "USR1, USR1, exited 0",
        "KILL, USR1, exited 0"
    })
    void some_signals_keep_it_from_being_started_again(String signal, String stopSignal, String state, Docker docker) {
        String name = docker.name("kept");
        List<String> run = new ArrayList<>(List.of("run", "-d", "--name", name, "--restart=always"));
        if (stopSignal != null) {
            run.add("--stop-signal=" + stopSignal);
        }
        run.addAll(List.of(
                Images.BUSYBOX, "sh", "-c", "trap 'exit 3' TERM HUP USR1; echo ready; while :; do sleep 0.05; done"));
        docker.ok(run.toArray(String[]::new));
        Docker.await("it listens", () -> docker.ok("logs", name).contains("ready"));

        docker.ok("kill", "--signal=" + signal, name);

        Docker.await(state, () -> docker.ok("inspect", "-f", "{{.State.Status}} {{.RestartCount}}", name)
                .equals(state));
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "HUP"})
    void one_that_waits_for_its_next_start_rests_after_a_signal(String signal, Docker docker) {
        String name = docker.name("waiting");
        docker.ok("run", "-d", "--name", name, "--restart=always", Images.BUSYBOX, "sh", "-c", "exit 3");
        Docker.await("it waits", () -> docker.ok("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", name)
                .matches("([4-9]|\\d\\d) restarting"));

        docker.ok("kill", "--signal=" + signal, name);

        Docker.await("it rests", () -> state(docker, name).equals("exited 3"));
    }

    @Test
    void restart_keeps_identity_and_changes_the_process(Docker docker) {
        String name = docker.sleeping("restarted");
        String before = docker.ok("inspect", "-f", "{{.Id}} {{.State.Pid}}", name);

        assertEquals(name, docker.ok("restart", "-t", "1", name));

        String after = docker.ok("inspect", "-f", "{{.Id}} {{.State.Pid}}", name);
        assertEquals(before.split(" ")[0], after.split(" ")[0]);
        assertNotEquals(before, after);
        docker.ok("stop", "-t", "1", name);
        docker.ok("restart", name);
        assertEquals("running 0", state(docker, name));
    }

    @Test
    void a_paused_container_stands_still_and_goes_on(Docker docker) {
        String name = docker.name("paused");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "while :; do echo x; sleep 0.05; done");

        assertEquals(name, docker.ok("pause", name));
        assertEquals("paused 0", state(docker, name));
        // What it had printed before is on its way, and then nothing must come.
        Docker.pause(200);
        int count = docker.call("logs", name).lines().size();
        Docker.pause(500);
        assertEquals(count, docker.call("logs", name).lines().size());
        docker.call("pause", name).exits(1).saysError("is already paused");

        assertEquals(name, docker.ok("unpause", name));
        assertEquals("running 0", state(docker, name));
        Docker.await("it goes on", () -> docker.call("logs", name).lines().size() > count);
        docker.call("unpause", name).exits(1).saysError("is not paused");
    }

    @Test
    void pausing_what_does_not_run_is_refused(Docker docker) {
        String name = docker.name("created");
        docker.ok("create", "--name", name, Images.BUSYBOX);

        docker.call("pause", name).exits(1).saysError("is not running");
        docker.call("start", docker.name("none")).exits(1).saysError("no such container: " + docker.name("none"));
    }

    @Test
    void a_paused_container_can_be_stopped_killed_and_removed(Docker docker) {
        String stopped = docker.sleeping("stopped");
        docker.ok("pause", stopped);
        docker.ok("stop", "-t", "1", stopped);
        assertTrue(state(docker, stopped).startsWith("exited"));

        String removed = docker.sleeping("removed");
        docker.ok("pause", removed);
        docker.ok("rm", "-f", removed);
        docker.call("inspect", removed).exits(1);
    }

    @Test
    void wait_prints_exit_codes_in_order(Docker docker) throws Exception {
        String one = docker.name("one");
        String two = docker.name("two");
        docker.ok("run", "-d", "--name", one, Images.BUSYBOX, "sh", "-c", "sleep 1; exit 11");
        docker.ok("run", "-d", "--name", two, Images.BUSYBOX, "sh", "-c", "exit 22");

        assertEquals("11\n22", docker.ok("wait", one, two));
        assertEquals("11", docker.ok("wait", one));
        assertEquals("exited 11", state(docker, one));
        docker.call("wait", docker.name("none")).exits(1).saysError("no such container");
    }

    @Test
    void wait_conditions(Docker docker, Engine engine) throws Exception {
        String name = docker.name("conditions");
        docker.ok("create", "--name", name, "--rm", Images.BUSYBOX, "sh", "-c", "sleep 0.5; exit 5");
        var removed = new java.util.concurrent.FutureTask<>(
                () -> engine.post("/containers/" + name + "/wait?condition=removed"));
        var next = new java.util.concurrent.FutureTask<>(
                () -> engine.post("/containers/" + name + "/wait?condition=next-exit"));
        Thread.ofVirtual().start(removed);
        Thread.ofVirtual().start(next);
        // That they wait shows nowhere.
        Docker.pause(300);

        assertEquals(
                0,
                engine.post("/containers/" + name + "/wait?condition=not-running")
                        .is(200)
                        .json()
                        .get("StatusCode")
                        .asInt());
        docker.ok("start", name);

        assertEquals(
                5,
                next.get(20, TimeUnit.SECONDS).is(200).json().get("StatusCode").asInt());
        assertEquals(
                5,
                removed.get(20, TimeUnit.SECONDS)
                        .is(200)
                        .json()
                        .get("StatusCode")
                        .asInt());
        docker.call("inspect", name).exits(1);
    }

    @Test
    void a_wait_for_a_condition_that_there_is_not_is_refused(Docker docker, Engine engine) {
        Assumptions.assumeTrue(docker.apiMinor() >= 42, "this engine is older than that check: it waits for the end");

        engine.post("/containers/" + docker.sleeping("x") + "/wait?condition=bogus")
                .is(400);
    }

    @Test
    void restart_policy_on_failure_counts(Docker docker) {
        String name = docker.name("failing");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                "--restart",
                "on-failure:2",
                Images.BUSYBOX,
                "sh",
                "-c",
                "echo run; exit 1");

        Docker.await(
                "it gave up",
                () -> state(docker, name).equals("exited 1")
                        && docker.ok("inspect", "-f", "{{.RestartCount}}", name).equals("2"));

        assertEquals(List.of("run", "run", "run"), docker.call("logs", name).lines());
    }

    @Test
    void restart_policy_on_failure_leaves_success_alone(Docker docker) {
        String name = docker.name("fine");
        docker.ok("run", "-d", "--name", name, "--restart", "on-failure", Images.BUSYBOX, "true");
        // Time for a start that must not come.
        Docker.pause(1000);

        assertEquals("exited 0", state(docker, name));
        assertEquals("0", docker.ok("inspect", "-f", "{{.RestartCount}}", name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "unless-stopped"})
    void restart_policy_always_restarts_until_stopped(String policy, Docker docker) {
        String name = docker.name("always");
        docker.ok("run", "-d", "--name", name, "--restart", policy, Images.BUSYBOX, "sh", "-c", "echo run; sleep 0.2");

        Docker.await(
                "it ran three times", () -> docker.call("logs", name).lines().size() >= 3);
        docker.ok("stop", "-t", "1", name);
        int count = docker.call("logs", name).lines().size();
        // Time for a start that must not come.
        Docker.pause(1500);

        assertTrue(state(docker, name).startsWith("exited"), state(docker, name));
        assertEquals(count, docker.call("logs", name).lines().size());
    }

    @Test
    void bad_restart_policies_are_refused(Docker docker) {
        docker.call("create", "--restart", "sometimes", Images.BUSYBOX).exits(1).saysError("invalid restart policy");
        docker.call("create", "--restart", "always:3", Images.BUSYBOX).exits(1).saysError("maximum retry count");
        docker.call("create", "--restart", "always", "--rm", Images.BUSYBOX).saysError("conflicting options");
    }

    @Test
    void out_of_memory_ends_with_137_and_is_told(Docker docker) {
        String name = docker.name("oom");

        docker.call(
                        "run",
                        "--name",
                        name,
                        "-m",
                        "20m",
                        "--memory-swap",
                        "20m",
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo $x | wc -c")
                .exits(137);

        assertEquals("true", docker.ok("inspect", "-f", "{{.State.OOMKilled}}", name));
    }

    @Test
    void rename_changes_the_name_only(Docker docker) {
        String old = docker.sleeping("old");
        String id = docker.ok("inspect", "-f", "{{.Id}}", old);

        docker.ok("rename", old, docker.name("new"));

        assertEquals("/" + docker.name("new"), docker.ok("inspect", "-f", "{{.Name}}", id));
        docker.call("inspect", old).exits(1);
        String other = docker.name("other");
        docker.ok("create", "--name", other, Images.BUSYBOX);
        docker.call("rename", other, docker.name("new"))
                .exits(1)
                .saysError(
                        "Error when allocating new name: Conflict. The container name .* is already in use by container");
        docker.call("rename", docker.name("none"), "-").exits(1).saysError("no such container");
        docker.call("rename", other, other).exits(1);
        docker.call("rename", other, "/bad/name").exits(1).saysError("invalid container name");
        docker.call("rename", docker.name("none"), docker.name("x")).exits(1).saysError("no such container");
        assertEquals(old, docker.ok("create", "--name", old, Images.BUSYBOX).isEmpty() ? "" : old);
    }

    @Test
    void top_lists_processes(Docker docker) {
        String name = docker.sleeping("top");

        List<String> lines = docker.call("top", name).lines();
        assertTrue(lines.getFirst().startsWith("UID"), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains("sleep 1000")), lines::toString);
        List<String> chosen = docker.call("top", name, "-o", "pid,comm").lines();
        assertTrue(chosen.getFirst().matches("PID +COMMAND"), chosen::toString);
        docker.ok("stop", "-t", "1", name);
        docker.call("top", name).exits(1).saysError("is not running");
    }

    @Test
    void a_terminal_can_be_resized(Docker docker, Engine engine) {
        String name = docker.name("tty");
        docker.ok("run", "-dt", "--name", name, Images.BUSYBOX, "sh", "-c", "while :; do stty size; sleep 0.1; done");

        engine.post("/containers/" + name + "/resize?h=33&w=99").is(200);

        Docker.await(
                "the size arrives",
                () -> docker.call("logs", "--tail", "3", name).out().contains("33 99"));
    }

    @Test
    void ending_by_itself_is_seen(Docker docker) {
        String name = docker.name("short");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "sleep 0.3; exit 9");

        Docker.await("it ended", () -> state(docker, name).equals("exited 9"));
    }
}
