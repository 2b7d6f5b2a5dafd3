package dev.gantry.agent.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerOperations.ExecSpec;
import dev.gantry.agent.api.ContainerOperations.Start;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.agent.api.testing.FreePort;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.testing.AgentProcess;
import dev.gantry.agent.testing.BusyboxLayer;
import dev.gantry.agent.testing.Specs;
import dev.gantry.agent.testing.UnixHttp;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose services are on another machine. */
@Timeout(120)
class PeerIT {
    private static final Start NO_NETWORK = new Start(new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()), null);

    @TempDir
    Path keys;

    @Test
    void containers_run_for_services_that_show_a_certificate() throws Exception {
        Certificates ours = new Certificates(keys, "ours");
        SSLContext service = Certificates.context(ours.issue("service"));
        int port = FreePort.next();
        try (BusyboxLayer image = new BusyboxLayer();
                ServicesDouble services = new ServicesDouble(ours.issue("service"), image.content());
                AgentProcess agent = agent(overTcp(ours.issue("host"), port, services.url()))) {
            ContainerSpec spec = Specs.running("cat")
                    .stdin()
                    .from(image.servedAt(services.url() + "/layer.tar"))
                    .cgroupParent(agent.cgroupParent())
                    .build();
            String path = "/v1/containers/" + spec.id();
            awaitCall(services, call -> call.startsWith("host PUT ") && call.contains("https://localhost:" + port));
            assertStatus(200, service, port, "PUT " + path, spec);

            try (PeerStream attached = new PeerStream(service, port)) {
                assertUpgraded(attached.upgrade(path + "/attach?stream=1&stdin=1&stdout=1&stderr=1", ""));
                assertStatus(200, service, port, "POST " + path + "/start", NO_NETWORK);
                assertEquals("executed\n", exec(service, port, path, "echo", "executed"));
                attached.write("typed\n".getBytes(StandardCharsets.UTF_8));
                attached.shutdownOutput();
                assertEquals("typed\n", attached.frames());
            }

            awaitCall(services, call -> call.startsWith("host POST ") && call.contains("container-exited"));
            assertTrue(services.calls().contains("host GET layer"));
            assertEquals(Set.of("HTTP/1.1 200"), answersUntilItsEnd(agent, service, port, "GET " + path + "/size"));
        }
    }

    /** What is answered to those who ask all the time, until it cannot be reached any more. */
    private static Set<String> answersUntilItsEnd(AgentProcess agent, SSLContext service, int port, String line)
            throws InterruptedException {
        Set<String> answers = ConcurrentHashMap.newKeySet();
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                clients.submit(() -> {
                    while (true) {
                        try (PeerStream stream = new PeerStream(service, port)) {
                            answers.add(stream.send(line, "").substring(0, "HTTP/1.1 200".length()));
                        }
                    }
                });
            }
            Thread.sleep(500);
            agent.end();
        }
        return answers;
    }

    @Test
    void nobody_else_is_let_in() throws Exception {
        Certificates ours = new Certificates(keys, "ours");
        PeerTls service = ours.issue("service");
        PeerTls stranger = new Certificates(keys, "theirs").issue("service");
        SSLContext otherAuthority =
                Certificates.context(new PeerTls(stranger.certificate(), stranger.key(), service.authority()));
        SSLContext otherHost = Certificates.context(ours.issue("other-host"));
        int port = FreePort.next();
        Map<String, String> settings = overTcp(ours.issue("host"), port, "unix:///nowhere");
        settings.put("gantry.tls.services", "service");
        try (AgentProcess agent = agent(settings)) {
            assertThrows(IOException.class, () -> status(Certificates.anonymous(service), port));
            assertThrows(IOException.class, () -> status(otherAuthority, port));
            assertThrows(IOException.class, () -> plain(port));
            assertEquals("HTTP/1.1 403", status(otherHost, port));
            assertEquals("HTTP/1.1 200", status(Certificates.context(service), port));
            assertEquals(200, agent.http().send("GET", "/v1/host", null).status());
        }
    }

    @Test
    void unsafe_settings_are_refused_at_the_start_with_the_reason() throws Exception {
        assertRefused(
                Map.of("gantry.agent.listen", "127.0.0.1:9999"),
                "gantry.agent.listen=127.0.0.1:9999: over TCP the agent listens with mutual TLS only");
        assertRefused(Map.of("quarkus.http.host-enabled", "true"), "over TCP the agent would obey everybody");
        assertRefused(
                Map.of("gantry.agent.control", "http://192.0.2.1:9072"),
                "gantry.agent.control=http://192.0.2.1:9072: services and agents talk over TCP with mutual TLS only");
        assertRefused(
                Map.of("gantry.agent.reports", "http://192.0.2.1:9072"),
                "gantry.agent.reports=http://192.0.2.1:9072: services and agents talk over TCP with mutual TLS only");
        assertRefused(Map.of("gantry.tls.certificate", "/no/file"), "gantry.tls.certificate: /no/file cannot be read");
    }

    private void assertRefused(Map<String, String> settings, String reason) throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "ga");
        var failure = assertThrows(IllegalStateException.class, () -> new AgentProcess(directory, settings));
        assertTrue(failure.getMessage().contains(reason), failure::getMessage);
        Disk.deleteTree(directory);
    }

    private static AgentProcess agent(Map<String, String> settings) throws IOException, InterruptedException {
        return new AgentProcess(Files.createTempDirectory(Path.of("/tmp"), "ga"), settings);
    }

    private static Map<String, String> overTcp(PeerTls tls, int port, String control) {
        return new HashMap<>(Map.of(
                "gantry.agent.listen",
                "127.0.0.1:" + port,
                "gantry.agent.address",
                "https://localhost:" + port,
                "gantry.agent.control",
                control,
                "gantry.tls.certificate",
                tls.certificate(),
                "gantry.tls.key",
                tls.key(),
                "gantry.tls.authority",
                tls.authority()));
    }

    private static String exec(SSLContext service, int port, String path, String... args) throws IOException {
        ExecSpec exec =
                new ExecSpec(List.of(args), List.of(), "", "", false, false, true, true, false, false, true, "", 0, 0);
        try (PeerStream stream = new PeerStream(service, port)) {
            assertUpgraded(stream.upgrade(path + "/execs/" + Specs.newId(), UnixHttp.JSON.writeValueAsString(exec)));
            return stream.frames();
        }
    }

    private static void assertUpgraded(String head) {
        assertTrue(head.startsWith("HTTP/1.1 101 UPGRADED\r\n"), head);
    }

    private static void assertStatus(int status, SSLContext service, int port, String line, Object body)
            throws IOException {
        try (PeerStream stream = new PeerStream(service, port)) {
            String head = stream.send(line, body == null ? "" : UnixHttp.JSON.writeValueAsString(body));
            assertTrue(head.startsWith("HTTP/1.1 " + status), head);
        }
    }

    private static String status(SSLContext client, int port) throws IOException {
        try (PeerStream stream = new PeerStream(client, port)) {
            return stream.send("GET /v1/host", "").substring(0, "HTTP/1.1 200".length());
        }
    }

    private static void plain(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("GET /v1/host HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            if (!answer.startsWith("HTTP/")) {
                throw new IOException("no answer");
            }
        }
    }

    private static void awaitCall(ServicesDouble services, Predicate<String> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (services.calls().stream().noneMatch(wanted)) {
            assertTrue(System.nanoTime() < deadline, () -> "not called; but " + services.calls());
            Thread.sleep(50);
        }
    }
}
