package dev.gantry.agent.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.ContainerOperations.Start;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.testing.AgentProcess;
import dev.gantry.agent.testing.BusyboxLayer;
import dev.gantry.agent.testing.Specs;
import dev.gantry.agent.testing.UnixHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks and endpoints through the agent's own socket, with the agent killed in between. */
class EndpointsIT {
    private static final String FIRST = "e".repeat(64);
    private static final String SECOND = "f".repeat(64);

    private BusyboxLayer image;
    private AgentProcess agent;
    private Path directory;
    private String bridges;
    private Map<String, Integer> nothing;

    @BeforeEach
    void startAgent() throws IOException, InterruptedException {
        image = new BusyboxLayer();
        directory = Files.createTempDirectory(Path.of("/tmp"), "ga");
        // Not longer than the name of an interface may be.
        bridges = "g" + directory.getFileName().toString().substring(2, 10);
        agent = new AgentProcess(directory);
        nothing = agent.footprint();
    }

    @AfterEach
    void stopAgent() throws IOException, InterruptedException {
        agent.close();
        image.close();
        assertFalse(Files.exists(link(1)), "the agent takes its bridges away");
    }

    @Test
    void network_is_kept_privately_and_comes_back_after_a_kill() throws Exception {
        NetworkState state = state(1, 1);

        assertEquals(new NetworkState.Kept(1), put(state).as(NetworkState.Kept.class));
        assertEquals(new NetworkState.Kept(1), put(state).as(NetworkState.Kept.class));
        assertTrue(Files.exists(link(1)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept(1))));
        agent.kill();
        agent.start();

        assertTrue(Files.exists(link(1)));
        assertEquals(204, http().send("DELETE", "/v1/networks/" + id(1), null).status());
        assertEquals(204, http().send("DELETE", "/v1/networks/" + id(1), null).status());
        assertFalse(Files.exists(link(1)));
        assertFalse(Files.exists(kept(1)));
    }

    @Test
    void start_that_names_an_unknown_network_is_refused_and_can_be_repeated_by_its_operation() throws Exception {
        ContainerSpec spec = create();
        Start start = new Start(new NetworkPlan(NetworkPlan.Kind.NETWORKS, "", List.of(first())), null);

        UnixHttp.Answer refused = http().send("POST", path(spec, "start"), start, "Gantry-Operation: one");
        put(state(1, 1));
        UnixHttp.Answer started = http().send("POST", path(spec, "start"), start, "Gantry-Operation: one");

        assertEquals(412, refused.status());
        assertTrue(refused.text().contains("UNKNOWN_NETWORK"), refused.text());
        assertEquals(200, started.status(), started.text());
        remove(spec);
    }

    @Test
    void endpoint_of_a_running_container_lives_through_a_kill_of_the_agent_and_goes_when_told() throws Exception {
        ContainerSpec spec = create();
        put(state(1, 1));
        put(state(2, 1));
        start(spec, first());

        assertEquals(204, change(spec, first(), second()).status());
        assertEquals(204, change(spec, first(), second()).status());
        assertTrue(interfaces(spec).contains("eth1:"));
        assertTrue(hosts(spec).contains("10.213.2.2\ttesthost\n"));
        assertEquals(
                409,
                change(spec, first(), endpoint(SECOND, 2, "eth2", "10.213.2.3")).status());
        assertEquals(409, http().send("DELETE", "/v1/networks/" + id(2), null).status());
        assertEquals("10.213.2.2", ask(spec, "alias.net2"));
        agent.kill();
        agent.start();

        assertEquals("10.213.2.2", ask(spec, "alias.net2"), "the name server is back");
        assertTrue(interfaces(spec).contains("eth1:"));
        assertEquals(409, http().send("DELETE", "/v1/networks/" + id(2), null).status());
        assertEquals(204, change(spec, first()).status());
        assertEquals(204, change(spec, first()).status());
        assertFalse(interfaces(spec).contains("eth1:"));
        assertFalse(hosts(spec).contains("10.213.2.2"));
        assertTrue(interfaces(spec).contains("eth0:"));
        assertEquals(204, http().send("DELETE", "/v1/networks/" + id(2), null).status());
        remove(spec);
        awaitNothing();
    }

    @Test
    void endpoint_is_refused_where_there_is_no_place_for_one() throws Exception {
        ContainerSpec created = create();
        put(state(2, 1));
        assertEquals(409, change(created, second()).status());

        start(created);
        assertEquals(204, change(created, second()).status(), "a container without network comes to one");
        assertEquals(
                412,
                change(created, second(), endpoint(FIRST, 3, "eth2", "10.213.3.2"))
                        .status());
        assertEquals(
                400,
                change(created, second(), endpoint(FIRST, 2, "a/b", "10.213.2.9"))
                        .status());
        assertEquals(
                409,
                change(created, second(), endpoint(FIRST, 2, "eth1", "10.213.2.9"))
                        .status());
        assertTrue(interfaces(created).contains("eth1:"));
        assertFalse(interfaces(created).contains("eth2:"));

        ContainerSpec onHost = create();
        http().send(
                        "POST",
                        path(onHost, "start"),
                        new Start(new NetworkPlan(NetworkPlan.Kind.HOST, "", List.of()), null));
        assertEquals(409, change(onHost, second()).status());
        remove(created);
        remove(onHost);
        awaitNothing();
    }

    @Test
    void resolv_conf_follows_unless_someone_has_edited_it() throws Exception {
        ContainerSpec spec = create();
        ContainerSpec edited = create();
        put(state(1, 1));
        put(state(2, 1));
        start(spec);
        start(edited);
        Files.writeString(file(edited, "resolv.conf"), "nameserver 192.0.2.1\n");

        assertEquals(204, change(spec, second()).status());
        assertEquals(
                204, change(edited, endpoint(FIRST, 2, "eth0", "10.213.2.3")).status());

        assertTrue(Files.readString(file(spec, "resolv.conf")).contains("\nnameserver 127.0.0.11\n"));
        assertEquals("nameserver 192.0.2.1\n", Files.readString(file(edited, "resolv.conf")));
        remove(spec);
        remove(edited);
        awaitNothing();
    }

    private Endpoint first() {
        return endpoint(FIRST, 1, "eth0", "10.213.1.2");
    }

    private Endpoint second() {
        return endpoint(SECOND, 2, "eth1", "10.213.2.2");
    }

    private static Endpoint endpoint(String endpointId, int network, String interfaceName, String address) {
        return new Endpoint(
                endpointId,
                new NetworkPlan.Network(id(network), 1, "net" + network),
                interfaceName,
                address + "/24",
                "10.213." + network + ".1",
                "02:42:0a:d5:0" + network + ":02",
                network == 1,
                null,
                List.of(),
                List.of("alias"),
                Map.of(),
                List.of());
    }

    private NetworkState state(int number, long version) {
        return new NetworkState(
                id(number),
                version,
                new NetworkState.Bridge(bridges + number, 1500, true, true, false, true),
                List.of(new NetworkState.Subnet("10.213." + number + ".0/24", "10.213." + number + ".1")),
                List.of(),
                List.of());
    }

    private static String id(int number) {
        return Integer.toString(number).repeat(64);
    }

    private Path link(int number) {
        return Path.of("/sys/class/net", bridges + number);
    }

    private Path kept(int number) {
        return directory.resolve("data/agent/networks").resolve(id(number) + ".json");
    }

    private UnixHttp.Answer put(NetworkState state) throws IOException {
        return http().send("PUT", "/v1/networks/" + state.id(), state);
    }

    private UnixHttp.Answer change(ContainerSpec spec, Endpoint... endpoints) throws IOException {
        return http().send("PUT", path(spec, "network"), plan(endpoints));
    }

    private static NetworkPlan plan(Endpoint... endpoints) {
        NetworkPlan.Kind kind = endpoints.length == 0 ? NetworkPlan.Kind.NONE : NetworkPlan.Kind.NETWORKS;
        return new NetworkPlan(kind, "", List.of(endpoints));
    }

    private ContainerSpec create() throws Exception {
        ContainerSpec spec = Specs.running("sleep", "1000")
                .from(image.layer())
                .cgroupParent(agent.cgroupParent())
                .build();
        http().send("PUT", "/v1/containers/" + spec.id(), spec);
        return spec;
    }

    private void start(ContainerSpec spec, Endpoint... endpoints) throws IOException {
        UnixHttp.Answer answer = http().send("POST", path(spec, "start"), new Start(plan(endpoints), null));
        assertEquals(200, answer.status(), answer.text());
    }

    private void remove(ContainerSpec spec) throws Exception {
        assertEquals(
                204,
                http().send("DELETE", "/v1/containers/" + spec.id() + "?force=true", null)
                        .status());
    }

    private void awaitNothing() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!agent.footprint().equals(nothing)) {
            Map<String, Integer> now = agent.footprint();
            assertTrue(System.nanoTime() < deadline, () -> "left: " + now + " instead of " + nothing);
            Thread.sleep(50);
        }
    }

    private String interfaces(ContainerSpec spec) throws IOException {
        int pid = agent.state(spec.id()).path("processes").path("pid").asInt();
        return Files.readString(Path.of("/proc/" + pid + "/net/dev"));
    }

    private String hosts(ContainerSpec spec) throws IOException {
        return Files.readString(file(spec, "hosts"));
    }

    private Path file(ContainerSpec spec, String name) {
        return directory.resolve("data/agent/containers").resolve(spec.id()).resolve(name);
    }

    /** The last address that the container's name server has for a name. */
    private String ask(ContainerSpec spec, String name) throws Exception {
        int pid = agent.state(spec.id()).path("processes").path("pid").asInt();
        Process process = new ProcessBuilder(
                        "nsenter",
                        "-t",
                        Integer.toString(pid),
                        "-n",
                        "busybox",
                        "nslookup",
                        "-type=a",
                        name,
                        "127.0.0.11")
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return answer.strip().replaceAll("(?s).*Address: ", "");
    }

    private UnixHttp http() {
        return agent.http();
    }

    private static String path(ContainerSpec spec, String rest) {
        return "/v1/containers/" + spec.id() + "/" + rest;
    }
}
