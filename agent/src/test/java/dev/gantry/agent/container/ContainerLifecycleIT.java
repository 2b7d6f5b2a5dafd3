package dev.gantry.agent.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.ContainerOperations.ExecSpec;
import dev.gantry.agent.api.ContainerOperations.LastStart;
import dev.gantry.agent.api.ContainerOperations.Start;
import dev.gantry.agent.api.ContainerOperations.Started;
import dev.gantry.agent.api.ContainerOperations.Stop;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.testing.AgentProcess;
import dev.gantry.agent.testing.BusyboxLayer;
import dev.gantry.agent.testing.Specs;
import dev.gantry.agent.testing.UnixHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real containers through the agent's own socket, with the agent killed at unkind moments. */
class ContainerLifecycleIT {
    private static final Start NO_NETWORK = new Start(new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()), null);

    private BusyboxLayer image;
    private AgentProcess agent;
    private Map<String, Integer> nothing;

    @BeforeEach
    void startAgent() throws IOException, InterruptedException {
        image = new BusyboxLayer();
        agent = new AgentProcess(Files.createTempDirectory(Path.of("/tmp"), "ga"));
        nothing = agent.footprint();
    }

    @AfterEach
    void stopAgent() throws IOException, InterruptedException {
        agent.close();
        image.close();
    }

    @Test
    void a_container_runs_and_leaves_nothing() throws Exception {
        ContainerSpec spec = create(Specs.running("sh", "-c", "echo $COLOUR from $(hostname); exit 3"));

        start(spec.id());
        JsonNode exited = await(spec.id(), state -> is(state, "exited"));

        assertEquals(3, exited.path("exitCode").asInt());
        assertTrue(agent.log(spec.id()).contains("blue from testhost"));
        assertEquals(
                List.of("container-started", "container-exited"),
                agent.reports(spec.id()).stream()
                        .map(report -> report.path("type").asText())
                        .toList());
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void a_repeated_start_returns_the_first_result() throws Exception {
        ContainerSpec spec = create(Specs.running("sleep", "100"));
        String operation = "Gantry-Operation: once";

        Started first = http().send("POST", path(spec.id(), "start"), NO_NETWORK, operation)
                .as(Started.class);
        Started second = http().send("POST", path(spec.id(), "start"), NO_NETWORK, operation)
                .as(Started.class);
        int other = http().send("POST", path(spec.id(), "start"), NO_NETWORK).status();

        assertEquals(first, second);
        assertEquals(409, other);
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void a_repeated_start_is_refused_when_the_run_has_ended_meanwhile() throws Exception {
        ContainerSpec spec = create(Specs.running("true"));
        Started first =
                http().send("POST", path(spec.id(), "start"), NO_NETWORK).as(Started.class);
        await(spec.id(), state -> is(state, "exited"));

        UnixHttp.Answer unaware = repeat(spec, null);
        UnixHttp.Answer aware = repeat(spec, first.report().at().truncatedTo(ChronoUnit.MICROS));

        assertEquals(409, unaware.status());
        assertTrue(unaware.text().contains("was started since"));
        assertEquals(200, aware.status());
        delete(spec.id());
        awaitNothing();
    }

    private UnixHttp.Answer repeat(ContainerSpec spec, Instant lastStart) throws Exception {
        return http().send("POST", path(spec.id(), "start"), new Start(NO_NETWORK.network(), new LastStart(lastStart)));
    }

    @Test
    void a_missing_command_leaves_nothing() throws Exception {
        ContainerSpec spec = create(Specs.running("nosuch"));

        UnixHttp.Answer answer = http().send("POST", path(spec.id(), "start"), NO_NETWORK);

        assertEquals(422, answer.status());
        assertTrue(answer.text().contains("executable file not found in $PATH"));
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void stop_gives_the_process_time_and_then_none() throws Exception {
        ContainerSpec polite =
                create(Specs.running("sh", "-c", "trap 'exit 7' TERM; echo ready; while true; do sleep 0.1; done"));
        ContainerSpec deaf =
                create(Specs.running("sh", "-c", "trap '' TERM; echo ready; while true; do sleep 0.1; done"));
        start(polite.id());
        start(deaf.id());
        awaitLog(polite.id(), "ready");
        awaitLog(deaf.id(), "ready");

        http().send("POST", path(polite.id(), "stop"), new Stop("", 10, true));
        http().send("POST", path(deaf.id(), "stop"), new Stop("", 1, true));

        assertEquals(7, agent.state(polite.id()).path("exitCode").asInt());
        assertEquals(137, agent.state(deaf.id()).path("exitCode").asInt());
        delete(polite.id());
        delete(deaf.id());
        awaitNothing();
    }

    @Test
    void execs_run_and_die_with_their_container() throws Exception {
        ContainerSpec spec = create(Specs.running("sleep", "100"));
        start(spec.id());
        String shortOne = Specs.newId();
        String longOne = Specs.newId();

        assertEquals(204, exec(spec.id(), shortOne, "sh", "-c", "exit 6").status());
        assertEquals(204, exec(spec.id(), longOne, "sleep", "100").status());
        assertEquals(422, exec(spec.id(), Specs.newId(), "nosuch").status());
        awaitReport(spec.id(), report -> isExecExit(report, shortOne, 6));
        http().send("POST", path(spec.id(), "kill"), null);

        awaitReport(spec.id(), report -> isExecExit(report, longOne, 137));
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void memory_beyond_the_limit_is_reported_as_such() throws Exception {
        ContainerSpec spec = create(
                Specs.running("sh", "-c", "x=a; while true; do x=$x$x; done").memory(16 << 20));
        start(spec.id());

        JsonNode exited = await(spec.id(), state -> is(state, "exited"));

        assertTrue(exited.path("oomKilled").asBoolean());
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void failures_are_restarted_as_often_as_allowed() throws Exception {
        ContainerSpec spec = create(Specs.running("false").restart("on-failure", 2));
        start(spec.id());

        JsonNode exited = await(
                spec.id(),
                state -> is(state, "exited") && !state.path("restarting").asBoolean());

        assertEquals(2, exited.path("restartCount").asInt());
        delete(spec.id());
        awaitNothing();
    }

    @Test
    void running_containers_survive_the_agent() throws Exception {
        ContainerSpec lasting = create(Specs.running("sleep", "100"));
        ContainerSpec ending = create(Specs.running("sh", "-c", "sleep 1; echo done; exit 9"));
        start(lasting.id());
        start(ending.id());
        int pid = agent.state(lasting.id()).path("processes").path("pid").asInt();
        int endingPid = agent.state(ending.id()).path("processes").path("pid").asInt();

        agent.kill();
        awaitEnd(endingPid);
        agent.start();

        JsonNode exited = await(ending.id(), state -> is(state, "exited"));
        assertEquals(9, exited.path("exitCode").asInt());
        assertTrue(agent.log(ending.id()).contains("done"));
        assertEquals("running", agent.state(lasting.id()).path("is").asText());
        assertEquals(
                pid, agent.state(lasting.id()).path("processes").path("pid").asInt());
        http().send("POST", path(lasting.id(), "stop"), new Stop("KILL", 5, true));
        assertEquals(137, agent.state(lasting.id()).path("exitCode").asInt());
        delete(lasting.id());
        delete(ending.id());
        awaitNothing();
    }

    @Test
    void health_checks_go_on_after_the_agent() throws Exception {
        ContainerSpec failing =
                create(Specs.running("sleep", "100").checkedBy(Duration.ofSeconds(10), "sh", "-c", "echo no; exit 3"));
        ContainerSpec hanging =
                create(Specs.running("sleep", "100").checkedBy(Duration.ofSeconds(100), "sleep", "5432"));
        start(failing.id());
        start(hanging.id());
        await(failing.id(), state -> streak(failing.id()) >= 3);
        Optional<ProcessHandle> check = running("sleep", "5432");
        assertTrue(check.isPresent());

        agent.kill();
        long before = streak(failing.id());
        agent.start();

        await(failing.id(), state -> streak(failing.id()) >= before + 3);
        awaitEnd((int) check.get().pid());
        awaitReport(
                failing.id(),
                report -> report.at("/health/failingStreak").asLong() == before + 1
                        && report.at("/health/output").asText().equals("no\n")
                        && report.path("exitCode").asInt() == 3);
        delete(failing.id());
        delete(hanging.id());
        awaitNothing();
    }

    @Test
    void a_check_that_is_late_ends_with_all_that_it_started() throws Exception {
        ContainerSpec spec = create(Specs.running("sleep", "100")
                .checkedBy(
                        Duration.ofSeconds(1),
                        "sh",
                        "-c",
                        "echo begun; setsid sleep 5433 & (sleep 5433 &); while :; do yes; done"));
        start(spec.id());

        awaitReport(spec.id(), report -> report.at("/health/exitCode").asInt() == -1);

        JsonNode late = agent.reports(spec.id()).stream()
                .filter(report -> report.path("type").asText().equals("probe-ended"))
                .findFirst()
                .orElseThrow();
        String output = late.at("/health/output").asText();
        assertTrue(output.startsWith("Health check exceeded timeout (1s): begun\n"), output);
        assertTrue(output.length() < 4200, output);
        http().send("POST", path(spec.id(), "pause"), null);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (running("sleep", "5433").isPresent()) {
            assertTrue(System.nanoTime() < deadline, "still there");
            Thread.sleep(20);
        }
        delete(spec.id());
        awaitNothing();
    }

    private long streak(String id) {
        try {
            return agent.kept(id).at("/health/failingStreak").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<ProcessHandle> running(String... command) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .filter(arguments ->
                                List.of(arguments).equals(List.of(command).subList(1, command.length)))
                        .isPresent())
                .findFirst();
    }

    @Test
    void a_kill_at_any_moment_loses_and_leaks_nothing() throws Exception {
        for (int round = 0; round < 10; round++) {
            // One that runs on, and one that is restarted again and again.
            Specs specs = round % 2 == 0
                    ? Specs.running("sleep", "100")
                    : Specs.running("false").restart("always", 0);
            ContainerSpec spec =
                    specs.from(image.layer()).cgroupParent(agent.cgroupParent()).build();
            Thread client = Thread.startVirtualThread(() -> lifecycle(spec));
            // Any moment: there is nothing to wait for.
            Thread.sleep(ThreadLocalRandom.current().nextInt(10, 300));

            agent.kill();
            client.join(TimeUnit.SECONDS.toMillis(10));
            agent.start();

            String is = agent.state(spec.id()).path("is").asText();
            Map<String, Integer> now = agent.footprint();
            if (is.equals("running")) {
                assertEquals(1, now.get("run/agent/c"), () -> "running: " + now);
            } else if (round % 2 == 0) {
                assertEquals(0, now.get("mounts") - nothing.get("mounts"), () -> is + ": " + now);
                assertEquals(0, now.get("processes"), () -> is + ": " + now);
                assertEquals(0, now.get("cgroups"), () -> is + ": " + now);
            }
            delete(spec.id());
            awaitNothing();
        }
    }

    private void lifecycle(ContainerSpec spec) {
        try {
            http().send("PUT", path(spec.id(), ""), spec);
            http().send("POST", path(spec.id(), "start"), NO_NETWORK);
            http().send("POST", path(spec.id(), "stop"), new Stop("KILL", 5, true));
            http().send("DELETE", path(spec.id(), ""), null);
        } catch (IOException e) {
            // The agent was killed meanwhile, as the test wants.
        }
    }

    private ContainerSpec create(Specs specs) throws IOException {
        ContainerSpec spec =
                specs.from(image.layer()).cgroupParent(agent.cgroupParent()).build();
        UnixHttp.Answer answer = http().send("PUT", path(spec.id(), ""), spec);
        assertEquals(200, answer.status(), answer::text);
        return spec;
    }

    private void start(String id) throws IOException {
        UnixHttp.Answer answer = http().send("POST", path(id, "start"), NO_NETWORK);
        assertEquals(200, answer.status(), answer::text);
    }

    private UnixHttp.Answer exec(String id, String execId, String... args) throws IOException {
        ExecSpec exec =
                new ExecSpec(List.of(args), List.of(), "", "", false, false, false, false, false, true, true, "", 0, 0);
        return http().send("POST", path(id, "execs/" + execId), exec);
    }

    private void delete(String id) throws IOException {
        UnixHttp.Answer answer = http().send("DELETE", path(id, "") + "?force=true", null);
        assertEquals(204, answer.status(), answer::text);
    }

    private UnixHttp http() {
        return agent.http();
    }

    private static String path(String id, String verb) {
        return "/v1/containers/" + id + (verb.isEmpty() ? "" : "/" + verb);
    }

    private static boolean is(JsonNode state, String wanted) {
        return state.path("is").asText().equals(wanted);
    }

    private static boolean isExecExit(JsonNode report, String execId, int exitCode) {
        return report.path("type").asText().equals("exec-exited")
                && report.path("execId").asText().equals(execId)
                && report.path("exitCode").asInt() == exitCode;
    }

    private JsonNode await(String id, Predicate<JsonNode> wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!wanted.test(agent.state(id))) {
            assertTrue(System.nanoTime() < deadline, agent.state(id)::toString);
            Thread.sleep(20);
        }
        return agent.state(id);
    }

    private void awaitLog(String id, String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!agent.log(id).contains(text)) {
            assertTrue(System.nanoTime() < deadline, agent.log(id));
            Thread.sleep(20);
        }
    }

    private static void awaitEnd(int pid) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (ProcessHandle.of(pid).isPresent()) {
            assertTrue(System.nanoTime() < deadline, () -> "still there: " + pid);
            Thread.sleep(20);
        }
    }

    private void awaitReport(String id, Predicate<JsonNode> wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (agent.reports(id).stream().noneMatch(wanted)) {
            assertTrue(System.nanoTime() < deadline, agent.reports(id)::toString);
            Thread.sleep(20);
        }
    }

    /** What the network gives back in the background may take a moment. */
    private void awaitNothing() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!agent.footprint().equals(nothing)) {
            Map<String, Integer> now = agent.footprint();
            assertTrue(System.nanoTime() < deadline, () -> "left: " + now + " instead of " + nothing);
            Thread.sleep(50);
        }
    }
}
