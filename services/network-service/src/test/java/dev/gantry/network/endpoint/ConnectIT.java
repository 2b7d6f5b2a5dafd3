package dev.gantry.network.endpoint;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.network.TestHosts;
import dev.gantry.service.outbox.KafkaAccess;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class ConnectIT {
    @Inject
    Networks networks;

    @Inject
    TestHosts hosts;

    @Inject
    @Identifier(KafkaAccess.CHANNELS)
    Map<String, Object> kafka;

    @Inject
    Mutiny.SessionFactory sessions;

    private final List<String> made = new ArrayList<>();

    @AfterEach
    void free() throws Throwable {
        for (String id : made) {
            await(networks.disconnect(id));
        }
        assertEquals(Map.of(), given().get("/networks/bridge").path("Containers"));
    }

    @Test
    void bridge_gives_addresses_from_a_subnet_that_the_host_does_not_use() throws Throwable {
        Attachment first = connect(id(), "bridge", Map.of());
        Attachment second = connect(id(), "default", Map.of());

        NetworkPlan.Endpoint endpoint = first.plan().endpoints().getFirst();
        assertEquals(NetworkPlan.Kind.NETWORKS, first.plan().kind());
        assertEquals("172.19.0.2/16", endpoint.address());
        assertEquals("172.19.0.1", endpoint.gateway());
        assertEquals("02:42:ac:13:00:02", endpoint.macAddress());
        assertEquals("eth0", endpoint.interfaceName());
        assertEquals(
                given().get("/networks/bridge").path("Id"), endpoint.network().id());
        assertEquals(1, endpoint.network().version());
        assertTrue(endpoint.defaultRoute());
        assertEquals("172.19.0.2", first.endpoints().getFirst().ipAddress());
        assertEquals(16, first.endpoints().getFirst().ipPrefixLen());
        assertEquals("172.19.0.3", second.endpoints().getFirst().ipAddress());
    }

    @Test
    void lowest_freed_address_is_given_again() throws Throwable {
        String first = id();
        connect(first, "bridge", Map.of());
        connect(id(), "bridge", Map.of());
        await(networks.disconnect(first));

        assertEquals(
                "172.19.0.2",
                connect(id(), "bridge", Map.of()).endpoints().getFirst().ipAddress());
        assertEquals(
                "172.19.0.4",
                connect(id(), "bridge", Map.of()).endpoints().getFirst().ipAddress());
    }

    @Test
    void host_and_none_have_endpoints_without_addresses() throws Throwable {
        Attachment host = connect(id(), "host", Map.of("80/tcp", List.of(new PortBinding("", "8080"))));
        Attachment none = connect(id(), "none", Map.of());

        assertEquals(NetworkPlan.Kind.HOST, host.plan().kind());
        assertEquals("host", host.endpoints().getFirst().networkName());
        assertEquals("", host.endpoints().getFirst().ipAddress());
        assertEquals(Map.of(), host.ports());
        assertEquals(NetworkPlan.Kind.NONE, none.plan().kind());
    }

    @Test
    void namespace_of_another_container_needs_nothing() throws Throwable {
        Attachment attachment = connect(id(), "container:" + "f".repeat(64), Map.of());

        assertEquals(new NetworkPlan(NetworkPlan.Kind.CONTAINER, "f".repeat(64), List.of()), attachment.plan());
    }

    @Test
    void connecting_again_gives_the_same() throws Throwable {
        String id = id();
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "")));

        assertEquals(connect(id, "bridge", ports), connect(id, "bridge", ports));
    }

    @Test
    void unknown_network_is_not_found() {
        EngineError.NotFound error = assertThrows(EngineError.NotFound.class, () -> connect(id(), "nowhere", Map.of()));

        assertEquals("network nowhere not found", error.getMessage());
    }

    @Test
    void many_at_once_get_different_addresses_and_ports() throws Exception {
        List<Callable<Attachment>> starts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String id = id();
            starts.add(() -> connected(id, Map.of("80/tcp", List.of(new PortBinding("", "")))));
        }
        Set<String> addresses = new HashSet<>();
        Set<String> ports = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Attachment> start : threads.invokeAll(starts)) {
                Attachment attachment = start.get();
                addresses.add(attachment.endpoints().getFirst().ipAddress());
                ports.add(attachment.ports().get("80/tcp").getFirst().hostPort());
            }
        }
        assertEquals(40, addresses.size());
        assertEquals(40, ports.size());
    }

    @Test
    void port_of_another_container_is_refused_and_nothing_remains() throws Throwable {
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18080")));
        String holder = id();
        hosts.runs(holder);
        connect(holder, "bridge", ports);
        isNotYoung(holder);

        EngineError.Failed error = assertThrows(EngineError.Failed.class, () -> connect(id(), "bridge", ports));

        assertTrue(
                error.getMessage()
                        .matches("driver failed programming external connectivity on endpoint web \\([0-9a-f]{64}\\):"
                                + " Bind for 0.0.0.0:18080 failed: port is already allocated"),
                error.getMessage());
        assertEquals(
                1, given().get("/networks/bridge").<Map<?, ?>>path("Containers").size());
        hosts.isGone(holder);
    }

    @Test
    void port_of_a_container_that_is_gone_is_free_before_its_event_comes() throws Throwable {
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18081")));
        String gone = id();
        connect(gone, "bridge", ports);
        isNotYoung(gone);

        assertEquals(
                "18081",
                connect(id(), "bridge", ports).ports().get("80/tcp").getFirst().hostPort());
    }

    @Test
    void port_that_something_else_has_is_exchanged_where_there_is_a_choice() throws Throwable {
        String id = id();
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "")));
        String before =
                connect(id, "bridge", ports).ports().get("80/tcp").getFirst().hostPort();

        Attachment after =
                await(networks.reassignPorts(request(id, "bridge", ports), List.of(Integer.parseInt(before))));

        assertNotEquals(before, after.ports().get("80/tcp").getFirst().hostPort());
    }

    @Test
    void forged_events_take_nothing_from_a_running_container() throws Throwable {
        String id = id();
        hosts.runs(id);
        Attachment attachment = connect(id, "bridge", Map.of("80/tcp", List.of(new PortBinding("", "18082"))));

        tell(id, "destroy", Instant.now().plusSeconds(3600), "evil");
        tell(id, "die", Instant.now().plusSeconds(3600), "evil");
        tell(id, "rest", Instant.now().plusSeconds(3600), "evil");
        allEventsWereSeen(id);

        assertEquals(attachment, connect(id, "bridge", Map.of("80/tcp", List.of(new PortBinding("", "18082")))));
        assertEquals(1, endpoints(id));
        assertThrows(
                EngineError.Failed.class,
                () -> connect(id(), "bridge", Map.of("80/tcp", List.of(new PortBinding("", "18082")))));
        hosts.isGone(id);
    }

    @Test
    void the_name_of_a_container_is_what_its_owner_says() throws Throwable {
        String id = id();
        connect(id, "bridge", Map.of());
        hosts.runs(id, "renamed");

        tell(id, "rename", Instant.now(), "evil");

        until(() -> "renamed".equals(given().get("/networks/bridge").path("Containers." + id + ".Name")));
        hosts.isGone(id);
    }

    @Test
    void end_of_a_container_frees_its_endpoint() throws Throwable {
        String id = id();
        connect(id, "bridge", Map.of());
        hosts.hasEnded(id);

        tell(id, "die", Instant.now(), "web");
        tell(id, "die", Instant.now(), "web");

        until(() -> endpoints(id) == 0);
    }

    @Test
    void removal_frees_whatever_its_time() throws Throwable {
        String id = id();
        connect(id, "none", Map.of());

        tell(id, "destroy", Instant.EPOCH, "web");

        until(() -> endpoints(id) == 0);
    }

    @Test
    void inspect_does_not_show_a_container_that_has_ended_before_its_event_comes() throws Throwable {
        String running = id();
        hosts.runs(running);
        connect(running, "bridge", Map.of());
        String ended = id();
        hosts.hasEnded(ended);
        connect(ended, "bridge", Map.of());

        assertEquals(
                Set.of(running),
                given().get("/networks/bridge")
                        .<Map<String, ?>>path("Containers")
                        .keySet());
        hosts.isGone(running);
    }

    @Test
    void tens_of_thousands_of_ports_are_one_run_for_each_family() throws Throwable {
        String id = id();

        Map<String, List<PortBinding>> all = IntStream.rangeClosed(1, 65_535)
                .boxed()
                .collect(Collectors.toMap(
                        port -> port + "/tcp", port -> List.of(new PortBinding("", Integer.toString(port)))));

        Attachment attachment = connect(id, "bridge", all);

        assertEquals(
                List.of(
                        new NetworkPlan.PublishedPort("tcp", "0.0.0.0", 1, 1, 65_535),
                        new NetworkPlan.PublishedPort("tcp", "::", 1, 1, 65_535)),
                attachment.plan().endpoints().getFirst().ports());
        assertEquals(65_535, attachment.ports().size());
        assertEquals(
                List.of(new PortBinding("0.0.0.0", "8080"), new PortBinding("::", "8080")),
                attachment.ports().get("8080/tcp"));
        hosts.runs(id);
        assertThrows(
                EngineError.Failed.class,
                () -> connect(id(), "bridge", Map.of("80/tcp", List.of(new PortBinding("127.0.0.1", "40000")))));
        hosts.isGone(id);
    }

    /** Events of one container come in order. */
    private void allEventsWereSeen(String id) throws Exception {
        hosts.runs(id, "seen");
        tell(id, "rename", Instant.now(), "evil");
        until(() -> "seen".equals(given().get("/networks/bridge").path("Containers." + id + ".Name")));
    }

    /** A container that was connected just now is let alone, since it may not be in everyone's list yet. */
    private void isNotYoung(String containerId) throws Throwable {
        await(sessions.withTransaction(session -> session.createMutationQuery(
                        "update EndpointEntity e set e.connectedAt = :old where e.containerId = :id")
                .setParameter("old", Instant.now().minusSeconds(60))
                .setParameter("id", containerId)
                .executeUpdate()));
    }

    private long endpoints(String containerId) {
        try {
            return await(sessions.withSession(session -> session.createSelectionQuery(
                            "select count(e) from EndpointEntity e where e.containerId = :id", Long.class)
                    .setParameter("id", containerId)
                    .getSingleResult()));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void tell(String id, String action, Instant at, String name) throws Exception {
        String event =
                """
                {"specversion":"1.0","id":"%s","source":"/test","type":"dev.gantry.container.%s","subject":"%s",
                 "time":"%s","datacontenttype":"application/json",
                 "data":{"noun":"container","action":"%s","attributes":{"name":"%s"},"host":"","detail":null}}
                """
                        .formatted(UUID.randomUUID(), action, id, at, action, name);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(kafka, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("gantry.containers", id, event)).get();
        }
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(deadline), "did not become true in time");
            Thread.sleep(20);
        }
    }

    private String id() {
        String id = (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
        made.add(id);
        return id;
    }

    @Test
    void network_that_is_one_as_a_mode_only_is_not_found_beside_another() {
        EndpointRequest nothing = new EndpointRequest("", "", List.of());
        ConnectRequest request = request(id(), "bridge", Map.of());

        assertEquals(
                "network default not found",
                assertThrows(
                                EngineError.NotFound.class,
                                () -> await(networks.connect(request.on(Map.of("default", nothing)))))
                        .getMessage());
        String ambiguous = assertThrows(
                        EngineError.BadParameter.class, () -> await(networks.connect(request.on(Map.of("", nothing)))))
                .getMessage();
        assertTrue(ambiguous.startsWith("network  is ambiguous ("), ambiguous);
    }

    private Attachment connect(String id, String mode, Map<String, List<PortBinding>> ports) throws Throwable {
        return await(networks.connect(request(id, mode, ports)));
    }

    private Attachment connected(String id, Map<String, List<PortBinding>> ports) throws Exception {
        try {
            return connect(id, "bridge", ports);
        } catch (Throwable e) {
            throw new Exception(e);
        }
    }

    private static ConnectRequest request(String id, String mode, Map<String, List<PortBinding>> ports) {
        return new ConnectRequest(
                TestHosts.HOST,
                id,
                "web",
                "",
                mode,
                Map.of(mode, new EndpointRequest("", "", List.of())),
                ports,
                List.of(),
                false);
    }

    private static <T> T await(Uni<T> work) throws Throwable {
        return VertxContextSupport.subscribeAndAwait(() -> work);
    }
}
