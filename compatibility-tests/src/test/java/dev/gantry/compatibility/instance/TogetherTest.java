package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.ComposeProject;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The usual topology: two processes with everything they need. */
@InstanceTest
class TogetherTest implements MainCommands, KillMatrix, Supervision, OtherUsers, Traced, Updates {
    private static final int FEW_OPERATIONS = 100;

    private Instance instance;
    private int spanPort;

    @BeforeAll
    void start() throws IOException {
        spanPort = FreePorts.one();
        Map<String, String> settings = new HashMap<>(OtherUsers.SETTINGS);
        settings.putAll(Traced.settings(spanPort));
        settings.putAll(Updates.settings());
        instance = Instance.start(Topology.TOGETHER, settings, "000");
    }

    @AfterAll
    void stop() {
        if (instance != null) {
            instance.close();
        }
    }

    @Override
    public Instance instance() {
        return instance;
    }

    @Override
    public int spanPort() {
        return spanPort;
    }

    @Override
    public List<List<String>> sample(Random random) {
        List<String> agent = List.of("agent");
        List<String> standalone = List.of("standalone");
        return List.of(agent, standalone, List.of("agent", "standalone"), standalone, agent);
    }

    /** {@code -Dgantry.compatibility.network-operations=N} makes more of them. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void networks_leave_nothing_behind_whatever_is_killed() throws Exception {
        long seed = Long.getLong(SEED, System.nanoTime() % 1_000_000);
        new NetworkStorm(instance, Database.of(instance), seed)
                .rage(Integer.getInteger("gantry.compatibility.network-operations", FEW_OPERATIONS));
    }

    @Test
    void project_of_compose_outlives_every_part(@TempDir Path directory) throws Exception {
        try (Docker docker = instance.docker()) {
            Optional<ComposeProject> found = ComposeProject.ofCompose2(docker, directory);
            assumeTrue(found.isPresent(), "Compose 2 is not installed");
            ComposeProject project = found.get();
            // What the first container brings for all: the default network, the image's layers.
            docker.ok("run", "--rm", Images.BUSYBOX, "true");
            Holdings holdings = new Holdings(instance, Database.of(instance));
            Map<String, Long> before = holdings.settled();
            project.ok("up", "-d");
            project.awaitLevel("1");
            Set<String> ids = project.ids();
            String pids = pids(docker, ids);
            String port = project.ok("port", "web", "80");

            for (List<String> dead : List.of(List.of("agent"), List.of("standalone"), instance.parts())) {
                // It would take what ends this often for something that cannot start.
                Instance.signal("KILL", List.of(instance.pid(Instance.SUPERVISOR)));
                instance.kill(dead);
                instance.up();

                assertEquals(ids, project.ids(), () -> "after the end of " + dead);
                assertEquals(pids, pids(docker, ids));
                assertEquals("api 1", project.page("web", "http://api"));
                assertEquals("db dbhost", project.page("api", "http://store:5432"));
                assertEquals(Set.of(project.fixedAddress()), project.addresses("api", "database"));
                assertEquals(Set.of(), project.addresses("web", "db"), "not on its network");
                assertEquals("web\n", page(port));
            }

            project.ok("up", "-d");
            assertEquals(ids, project.ids(), "nothing has changed");
            project.ok("up", "-d", "--scale", "api=3");
            assertEquals(3, project.addresses("web", "api").size());
            project.ok("restart", "-t", "0");
            project.awaitLevel("1");
            project.ok("down", "-v", "-t", "0");
            holdings.returnTo(before, "a project of Compose");
        }
    }

    private static String pids(Docker docker, Set<String> ids) {
        List<String> arguments = new ArrayList<>(List.of("inspect", "-f", "{{.State.Pid}} {{.RestartCount}}"));
        arguments.addAll(ids);
        return docker.ok(arguments.toArray(String[]::new));
    }

    private static String page(String address) throws IOException {
        URI uri = URI.create("http://" + address.replace("0.0.0.0", "127.0.0.1"));
        try (InputStream page = uri.toURL().openStream()) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void ends_are_noted_while_nobody_looks() {
        for (List<String> dead : List.of(List.of("agent"), List.of("agent", "standalone"))) {
            try (Docker docker = instance.docker()) {
                String name = docker.name("ending");
                docker.ok(
                        "run",
                        "-d",
                        "--name",
                        name,
                        Images.BUSYBOX,
                        "sh",
                        "-c",
                        "echo first; sleep 5; echo last; exit 9");
                String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", name);

                instance.unsupervised(() -> {
                    instance.kill(dead);
                    if (!dead.contains("standalone")) {
                        String refusal = docker.call("exec", name, "true")
                                .saysError("503|agent")
                                .err();
                        assertFalse(refusal.contains(instance.run().toString()), refusal);
                    }
                    long main = Long.parseLong(pid);
                    Docker.await("it has ended", () -> !Instance.isRunning(main));
                });
                instance.up();

                assertEquals("exited", docker.ok("inspect", "-f", "{{.State.Status}}", name), "ready, but old states");
                assertEquals("9", docker.ok("wait", name));
                assertEquals("first\nlast", docker.ok("logs", name));
            }
        }
    }

    @Test
    void a_postgresql_of_ours_that_dies_is_started_again() {
        try (Docker docker = instance.docker()) {
            String name = docker.sleeping("through");
            String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", name);
            Database database = Database.of(instance);
            long server = database.pid();

            Instance.signal("KILL", List.of(server));

            Docker.await("it works again", () -> docker.call("ps").exitCode() == 0 && database.pid() != server);
            assertEquals(pid, docker.ok("inspect", "-f", "{{.State.Pid}}", name));
            assertTrue(docker.ok("run", "--rm", Images.BUSYBOX, "echo", "hi").equals("hi"));
        }
    }

    @Test
    void a_postgresql_that_stops_answering_is_a_503_until_it_answers_again() {
        try (Docker docker = instance.docker()) {
            String name = docker.sleeping("meanwhile");
            ProcessHandle running = ProcessHandle.of(Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", name)))
                    .orElseThrow();
            List<Long> server = Database.of(instance).processes();
            Instance.signal("STOP", server);
            try {
                // A request that is under way when it happens waits; so none before it is noticed.
                Docker.await("it is noticed", () -> instance.log("standalone").contains("requests are refused"));
                docker.call("inspect", name).saysError("the database does not answer");
                docker.call("run", Images.BUSYBOX, "true").saysError("the database does not answer");
                assertTrue(running.isAlive());
            } finally {
                Instance.signal("CONT", server);
            }
            Docker.await("it works again", () -> docker.call("ps").exitCode() == 0);
            assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", name));
            assertEquals("hi", docker.ok("run", "--rm", Images.BUSYBOX, "echo", "hi"));
        }
    }

    @Test
    void a_run_whose_agent_is_frozen_ends_by_itself_and_its_container_goes_on() throws Exception {
        try (Docker docker = instance.docker()) {
            String name = docker.name("frozen");
            Process client = docker.start("run", "--rm", "--name", name, Images.BUSYBOX, "sleep", "1000");
            Docker.await("it runs", () -> docker.call("inspect", "-f", "{{.State.Running}}", name)
                    .out()
                    .strip()
                    .equals("true"));
            List<Long> agent = List.of(instance.pid("agent"));
            Instance.signal("STOP", agent);
            try {
                assertTrue(client.waitFor(1, TimeUnit.MINUTES), "the client is still there");
                String errors = new String(client.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(errors.contains("lost the agent of the container's host"), errors);
                assertEquals(1, client.exitValue());
                // A signal that it passes over: what was sent, and not waited for any longer, may be done after all.
                docker.call("kill", "-s", "WINCH", name).saysError("has not answered for");
                docker.call("run", "--rm", Images.BUSYBOX, "true").exits(125);
            } finally {
                Instance.signal("CONT", agent);
                client.destroyForcibly();
            }
            Docker.await(
                    "it works again", () -> docker.call("exec", name, "true").exitCode() == 0);
            docker.ok("rm", "-f", name);
        }
    }

    @Test
    void a_container_whose_supervisor_is_killed_ends() {
        Database database = Database.of(instance);
        Holdings holdings = new Holdings(instance, database);
        Map<String, Long> before = holdings.settled();
        try (Docker docker = instance.docker()) {
            String name = docker.sleeping("unsupervised", "-p", "80");
            String id = docker.ok("inspect", "-f", "{{.Id}}", name);
            long main = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", name));

            Instance.signal(
                    "KILL", List.of(new Supervisors(instance).byContainer().get(id.substring(0, 32))));

            assertEquals("137", docker.ok("wait", name));
            Docker.await("its process is gone", () -> !Instance.isRunning(main));
            docker.ok("start", name);
        }
        holdings.returnTo(before, "after the supervisor was killed");
    }
}
