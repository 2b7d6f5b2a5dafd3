package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.compatibility.docker.Bulk;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code docker attach} and {@code docker start -a}. */
@EndpointTest
class AttachTest {
    /** For who comes to see that it is there. */
    private static final String TICKS = "until [ -e /go ]; do echo tick; sleep 0.1; done";

    @Test
    void shows_what_is_printed_from_then_on_and_exits_with_the_code(Docker docker) throws Exception {
        String name = docker.name("attach");
        docker.ok(
                "run",
                "-d",
                "--name",
                name,
                Images.BUSYBOX,
                "sh",
                "-c",
                "echo before; " + TICKS + "; echo after; exit 4");
        docker.awaitOutput(name, "before");

        Process attached = docker.start("attach", name);
        BufferedReader reader = attached.inputReader();
        assertEquals("tick", reader.readLine());
        docker.ok("exec", name, "touch", "/go");

        List<String> rest = reader.lines().toList();
        assertEquals(
                List.of("after"),
                rest.stream().filter(line -> !line.equals("tick")).toList());
        assertEquals(4, attached.waitFor());
    }

    @Test
    void passes_input(Docker docker) throws Exception {
        String name = docker.name("attach");
        docker.ok("run", "-d", "-i", "--name", name, Images.BUSYBOX, "sh", "-c", "read x; echo got $x; exit 6");

        Process attached = docker.start("attach", name);
        attached.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
        attached.getOutputStream().flush();

        assertEquals("got hello", attached.inputReader().readLine());
        assertEquals(6, attached.waitFor());
    }

    @Test
    void two_clients_see_the_same(Docker docker) throws Exception {
        String name = docker.name("attach");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "trap 'echo bye; exit' TERM; " + TICKS);
        BufferedReader one =
                docker.start("attach", "--no-stdin", "--sig-proxy=false", name).inputReader();
        BufferedReader two =
                docker.start("attach", "--no-stdin", "--sig-proxy=false", name).inputReader();
        assertEquals("tick", one.readLine());
        assertEquals("tick", two.readLine());

        docker.ok("stop", name);

        assertEquals("bye", one.lines().toList().getLast());
        assertEquals("bye", two.lines().toList().getLast());
    }

    @Test
    void a_client_that_leaves_disturbs_nothing(Docker docker) throws Exception {
        String name = docker.name("attach");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "while :; do echo line; sleep 0.05; done");
        Process attached = docker.start("attach", "--no-stdin", name);
        assertEquals("line", attached.inputReader().readLine());

        attached.destroyForcibly().waitFor();
        int printed = docker.call("logs", name).lines().size();
        Docker.await("it goes on", () -> docker.call("logs", name).lines().size() > printed + 3);

        assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", name));
    }

    @Test
    void detach_keys_leave_it_running(Docker docker) throws Exception {
        String name = docker.name("attach");
        docker.ok("run", "-d", "-it", "--name", name, Images.BUSYBOX, "sh", "-c", TICKS);
        Process attached = docker.startInTerminal("attach", "--detach-keys", "ctrl-x,x", name);
        Docker.awaitOnScreen(attached, "tick");

        attached.getOutputStream().write(new byte[] {24, 'x'});
        attached.getOutputStream().flush();

        assertTrue(attached.waitFor(20, TimeUnit.SECONDS));
        assertEquals("running", docker.ok("inspect", "-f", "{{.State.Status}}", name));
    }

    @Test
    void a_stopped_container_cannot_be_attached_to(Docker docker) {
        String name = docker.name("attach");
        docker.ok("create", "--name", name, Images.BUSYBOX);

        docker.call("attach", name).exits(1).saysError("cannot attach to a stopped container, start it first");
        docker.call("attach", docker.name("none")).exits(1).saysError("no such container");
    }

    @Test
    void a_paused_container_cannot_be_attached_to(Docker docker) {
        String name = docker.sleeping("attach");
        docker.ok("pause", name);

        docker.call("attach", name).exits(1).saysError("cannot attach to a paused container, unpause it first");
        docker.ok("unpause", name);
    }

    @Test
    void start_a_shows_the_output_of_that_run(Docker docker) {
        String name = docker.name("start");
        docker.ok("create", "--name", name, Images.BUSYBOX, "sh", "-c", "echo run; exit 2");

        assertEquals("run\n", docker.call("start", "-a", name).exits(2).out());
        assertEquals("run\n", docker.call("start", "-a", name).exits(2).out());
    }

    @Test
    void start_ai_passes_input(Docker docker) {
        String name = docker.name("start");
        docker.ok("create", "-i", "--name", name, Images.BUSYBOX, "cat");

        assertEquals(
                "text",
                docker.callWithInput("text\n".getBytes(StandardCharsets.UTF_8), "start", "-ai", name)
                        .text());
    }

    @Test
    void with_logs_the_past_comes_first(Docker docker, dev.gantry.compatibility.docker.Engine engine) throws Exception {
        String name = docker.name("logs");
        docker.ok("run", "-d", "--name", name, Images.BUSYBOX, "sh", "-c", "echo past; sleep 1; echo future");
        Docker.await("it was printed", () -> docker.call("logs", name).out().contains("past"));

        String all = engine.post("/containers/" + name + "/attach?logs=1&stream=1&stdout=1")
                .body();

        assertTrue(all.indexOf("past") < all.indexOf("future"), all);
        assertTrue(all.contains("past"), all);
    }

    @Test
    void a_hundred_megabytes_of_input_arrive_intact(Docker docker) throws Exception {
        Bulk input = new Bulk(7);

        Process sink = docker.start("run", "-i", "--rm", Images.BUSYBOX, "sha256sum");
        input.writeTo(sink.getOutputStream());

        assertEquals(input.sha256() + "  -", sink.inputReader().readLine());
        assertEquals(0, sink.waitFor());
    }

    @Test
    void a_hundred_megabytes_of_output_arrive_intact(Docker docker) throws Exception {
        Process source = docker.start(
                "run",
                "--rm",
                Images.BUSYBOX,
                "sh",
                "-c",
                "head -c 104857600 /dev/urandom >/data/random; sha256sum </data/random >&2; cat /data/random");

        String received = Bulk.sha256(source.getInputStream());

        assertEquals(received + "  -", source.errorReader().readLine());
        assertEquals(0, source.waitFor());
    }

    /** The end of the input is told while the output still flows. */
    @Test
    void a_hundred_megabytes_pass_both_ways_at_once(Docker docker) throws Exception {
        Bulk input = new Bulk(8);
        String name = docker.name("both");
        docker.ok("create", "-i", "--name", name, Images.BUSYBOX, "sh", "-c", "cat; echo the end");

        Process both = docker.start("start", "-ai", name);
        Thread writer = Thread.ofPlatform().start(() -> input.writeTo(both.getOutputStream()));
        String received = Bulk.sha256(both.getInputStream());
        writer.join();

        assertEquals(input.followedBy("the end\n"), received);
        assertEquals(0, both.waitFor());
    }

    @Test
    void a_reader_that_pauses_loses_nothing(Docker docker) throws Exception {
        Process source = docker.start("run", "--rm", Images.BUSYBOX, "sh", "-c", "seq 1 500000; echo the end");
        BufferedReader reader = source.inputReader();
        assertEquals("1", reader.readLine());
        // Longer than it takes to fill what lies between.
        Docker.pause(2000);

        List<String> rest = reader.lines().toList();

        assertEquals(500_000, rest.size());
        assertEquals("the end", rest.getLast());
        assertEquals(0, source.waitFor());
    }
}
