package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.AttachedEndpoint;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Networks} does, with one host and the predefined networks. */
public abstract class NetworksContract {
    private static final Map<String, List<PortBinding>> NO_PORTS = Map.of();

    private final List<String> connected = new ArrayList<>();

    protected abstract Networks networks();

    /** The host, which is known. */
    protected abstract String hostId();

    /** From now on the owner of containers says that this one runs. */
    protected abstract void runs(String containerId);

    /** Ids of the networks that the host's agent was told of, in no order. */
    protected abstract List<String> told();

    /** The host's agent answers no more. */
    protected abstract void agentIsAway();

    @AfterEach
    void disconnectAll() throws Throwable {
        for (String id : connected) {
            Port.call(() -> networks().disconnect(id));
        }
    }

    @Test
    void a_container_gets_an_address_and_the_plan_for_its_host_says_the_same() throws Throwable {
        Attachment attachment = connect(container(), "bridge", NO_PORTS);

        AttachedEndpoint shown = attachment.endpoints().getFirst();
        NetworkPlan.Endpoint planned = attachment.plan().endpoints().getFirst();
        assertEquals(NetworkPlan.Kind.NETWORKS, attachment.plan().kind());
        assertEquals("bridge", shown.networkName());
        assertEquals(shown.networkId(), planned.network().id());
        assertEquals(shown.endpointId(), planned.endpointId());
        assertEquals(shown.ipAddress() + "/" + shown.ipPrefixLen(), planned.address());
        assertEquals(shown.gateway(), planned.gateway());
        assertEquals(shown.macAddress(), planned.macAddress());
        assertEquals("eth0", planned.interfaceName());
        assertTrue(planned.defaultRoute());
        assertEquals(NO_PORTS, attachment.ports());
    }

    @Test
    void start_takes_back_what_an_earlier_one_left() throws Throwable {
        String id = container();
        UUID first = UUID.randomUUID();
        ConnectRequest asked = request(id, "bridge", Map.of("80/tcp", List.of(new PortBinding("", "18099"))));
        Attachment before = Port.call(() -> networks().connect(asked.in(first)));
        assertEquals(before, Port.call(() -> networks().connect(asked.in(first))), "the same start again");
        assertEquals(before, Port.call(() -> networks().connect(asked)), "while it runs");

        Attachment other =
                Port.call(() -> networks().connect(request(id, "none", NO_PORTS).in(UUID.randomUUID())));
        assertEquals(
                List.of("none"),
                other.endpoints().stream().map(AttachedEndpoint::networkName).toList());
        EndpointRequest withMac = new EndpointRequest("", "02:00:00:00:00:07", List.of());
        Attachment last = Port.call(
                () -> networks().connect(asked.on(Map.of("bridge", withMac)).in(UUID.randomUUID())));

        assertEquals("02:00:00:00:00:07", last.endpoints().getFirst().macAddress());
        assertEquals(before.ports(), last.ports());
        assertNotEquals(
                before.endpoints().getFirst().endpointId(),
                last.endpoints().getFirst().endpointId());
    }

    @Test
    void networks_are_known_by_all_words_for_them() throws Throwable {
        EndpointRequest nothing = new EndpointRequest("", "", List.of());
        String id = Port.call(() -> networks().find("bridge", null)).id();
        Map<String, EndpointRequest> words =
                Map.of("bridge", nothing, id, nothing, id.substring(0, 12), nothing, "nowhere", nothing);

        Map<String, Networks.Found> known = Port.call(() -> networks().check(words));

        Networks.Found bridge = new Networks.Found(id, "bridge");
        assertEquals(Map.of("bridge", bridge, id, bridge, id.substring(0, 12), bridge), known);
    }

    @Test
    void containers_get_addresses_of_their_own_in_one_network() throws Throwable {
        AttachedEndpoint first =
                connect(container(), "bridge", NO_PORTS).endpoints().getFirst();
        AttachedEndpoint second =
                connect(container(), "default", NO_PORTS).endpoints().getFirst();

        assertEquals(first.networkId(), second.networkId());
        assertEquals(first.gateway(), second.gateway());
        assertNotEquals(first.ipAddress(), second.ipAddress());
        assertNotEquals(first.macAddress(), second.macAddress());
        assertNotEquals(first.endpointId(), second.endpointId());
    }

    @Test
    void a_network_is_found_by_its_id_too() throws Throwable {
        String id =
                connect(container(), "bridge", NO_PORTS).endpoints().getFirst().networkId();

        assertEquals(
                "bridge",
                connect(container(), id, NO_PORTS).endpoints().getFirst().networkName());
    }

    @Test
    void connecting_again_gives_the_same() throws Throwable {
        String id = container();
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "")));

        assertEquals(connect(id, "bridge", ports), connect(id, "bridge", ports));
    }

    @Test
    void what_is_asked_of_an_endpoint_is_given() throws Throwable {
        EndpointRequest asked = new EndpointRequest("", "02:00:00:00:00:07", List.of("db", "ö"));

        Attachment attachment = Port.call(() -> networks()
                .connect(new ConnectRequest(
                        hostId(),
                        container(),
                        "web",
                        "",
                        "bridge",
                        Map.of("bridge", asked),
                        NO_PORTS,
                        List.of(),
                        false)));

        assertEquals(1, attachment.endpoints().size());
        assertEquals("02:00:00:00:00:07", attachment.endpoints().getFirst().macAddress());
        assertEquals(List.of("db", "ö"), attachment.endpoints().getFirst().aliases());
        assertEquals(
                List.of(),
                attachment.plan().endpoints().getFirst().names(),
                "nobody has a name on a predefined network");
    }

    @Test
    void an_address_is_nobodys_choice_on_a_predefined_network() {
        EndpointRequest asked = new EndpointRequest("172.19.0.9", "", null);

        Port.assertRefused(
                EngineError.BadParameter.class,
                """
                invalid endpoint settings:
                * user specified IP address is supported on user defined networks only
                * user specified IP address is supported only when connecting to networks with user configured subnets""",
                () -> networks()
                        .connect(new ConnectRequest(
                                hostId(),
                                container(),
                                "web",
                                "",
                                "bridge",
                                Map.of("bridge", asked),
                                NO_PORTS,
                                List.of(),
                                false)));
    }

    @Test
    void host_and_none_have_endpoints_without_addresses_and_ports() throws Throwable {
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18090")));
        Attachment host = connect(container(), "host", ports);
        Attachment none = connect(container(), "none", ports);

        assertEquals(new NetworkPlan(NetworkPlan.Kind.HOST, "", List.of()), host.plan());
        assertEquals(new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()), none.plan());
        assertEquals("host", host.endpoints().getFirst().networkName());
        assertEquals("", host.endpoints().getFirst().ipAddress());
        assertEquals("none", none.endpoints().getFirst().networkName());
        assertEquals(NO_PORTS, host.ports());
        assertEquals(NO_PORTS, none.ports());
    }

    @Test
    void what_is_not_kept_is_free_again() throws Throwable {
        String id = container();
        AttachedEndpoint before = connect(id, "bridge", NO_PORTS).endpoints().getFirst();

        Port.call(() -> networks().keep(id, List.of(before.networkId())));
        assertEquals(before, connect(id, "bridge", NO_PORTS).endpoints().getFirst());
        Port.call(() -> networks().keep(id, List.of()));
        Port.call(() -> networks().keep(id, List.of()));
        Port.call(() -> networks().left(id, hostId(), before.networkId()));

        String other = container();
        assertEquals(
                before.ipAddress(),
                connect(other, "bridge", NO_PORTS).endpoints().getFirst().ipAddress());
    }

    @Test
    void a_network_is_found_by_its_name_its_id_and_the_beginning_of_it() throws Throwable {
        EndpointRequest nothing = new EndpointRequest("", "", List.of());
        Networks.Found bridge = Port.call(() -> networks().find("bridge", nothing));

        assertEquals("bridge", bridge.name());
        assertEquals(bridge, Port.call(() -> networks().find(bridge.id(), null)));
        assertEquals(bridge, Port.call(() -> networks().find(bridge.id().substring(0, 12), nothing)));
        Port.assertRefused(EngineError.NotFound.class, "network a/b c not found", () -> networks()
                .find("a/b c", null));
        Port.assertRefused(
                EngineError.BadParameter.class,
                "invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks",
                () -> networks().find("bridge", new EndpointRequest("", "", List.of("alias"))));
        Port.assertRefused(
                EngineError.BadParameter.class,
                "invalid endpoint settings:\nlinks of an endpoint are supported only for containers in user defined"
                        + " networks",
                () -> networks()
                        .find(
                                "bridge",
                                new EndpointRequest("", "", List.of(), "", List.of(), 0, Map.of("db", "other"))));
    }

    @Test
    void the_namespace_of_another_container_needs_nothing() throws Throwable {
        String other = "f".repeat(64);

        assertEquals(
                new Attachment(new NetworkPlan(NetworkPlan.Kind.CONTAINER, other, List.of()), List.of(), NO_PORTS),
                connect(container(), "container:" + other, NO_PORTS));
    }

    @Test
    void unknown_networks_and_hosts_are_not_found() {
        Port.assertRefused(EngineError.NotFound.class, "network a/b c not found", () -> networks()
                .connect(request(container(), "a/b c", NO_PORTS)));
        Port.assertRefused(EngineError.NotFound.class, "No such host: a/b c", () -> networks()
                .connect(new ConnectRequest(
                        "a/b c",
                        container(),
                        "web",
                        "",
                        "bridge",
                        Map.of("bridge", new EndpointRequest("", "", List.of())),
                        NO_PORTS,
                        List.of(),
                        false)));
    }

    @Test
    void ports_are_given_as_asked_and_free_ones_where_any_will_do() throws Throwable {
        Attachment attachment = connect(
                container(),
                "bridge",
                Map.of(
                        "80/tcp", List.of(new PortBinding("127.0.0.1", "18091")),
                        "53/udp", List.of(new PortBinding("127.0.0.1", "18092-18093")),
                        "90/tcp", List.of(new PortBinding("127.0.0.1", ""))));

        List<PublishedPort> planned = attachment.plan().endpoints().getFirst().ports();
        assertEquals(
                List.of(new PortBinding("127.0.0.1", "18091")),
                attachment.ports().get("80/tcp"));
        assertEquals(
                List.of(new PortBinding("127.0.0.1", "18092")),
                attachment.ports().get("53/udp"));
        assertTrue(hostPort(attachment, "90/tcp") > 0);
        assertEquals(3, planned.size());
        assertTrue(planned.contains(new PublishedPort("tcp", "127.0.0.1", 18_091, 80)), planned::toString);
    }

    @Test
    void exposed_ports_are_published_when_all_are_to_be() throws Throwable {
        List<String> exposed = List.of("80/tcp", "81/udp");
        Attachment all = Port.call(() -> networks()
                .connect(new ConnectRequest(
                        hostId(),
                        container(),
                        "web",
                        "",
                        "bridge",
                        Map.of("bridge", new EndpointRequest("", "", List.of())),
                        NO_PORTS,
                        exposed,
                        true)));
        Attachment none = Port.call(() -> networks()
                .connect(new ConnectRequest(
                        hostId(),
                        container(),
                        "web",
                        "",
                        "bridge",
                        Map.of("bridge", new EndpointRequest("", "", List.of())),
                        NO_PORTS,
                        exposed,
                        false)));

        assertEquals(exposed, all.ports().keySet().stream().sorted().toList());
        assertEquals(Map.of("80/tcp", List.of(), "81/udp", List.of()), none.ports());
    }

    @Test
    void a_port_of_another_container_is_refused_in_dockers_words_and_nothing_remains() throws Throwable {
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18094")));
        connect(container(), "bridge", ports);
        String refused = container();

        String message =
                Port.refused(EngineError.Failed.class, () -> networks().connect(request(refused, "bridge", ports)));

        assertTrue(
                message.matches("driver failed programming external connectivity on endpoint web \\([0-9a-f]{64}\\):"
                        + " Bind for 0.0.0.0:18094 failed: port is already allocated"),
                message);
        AttachedEndpoint next =
                connect(container(), "bridge", NO_PORTS).endpoints().getFirst();
        AttachedEndpoint late = connect(refused, "bridge", NO_PORTS).endpoints().getFirst();
        assertNotEquals(next.ipAddress(), late.ipAddress());
        assertEquals(address(next) + 1, address(late));
    }

    @Test
    void what_is_no_port_is_refused() {
        for (String port : List.of("x", "70000", "9-8")) {
            Port.assertRefused(
                    EngineError.BadParameter.class, "invalid port specification: \"" + port + "\"", () -> networks()
                            .connect(request(
                                    container(), "bridge", Map.of(port + "/tcp", List.of(new PortBinding("", ""))))));
        }
    }

    @Test
    void disconnecting_frees_address_and_ports() throws Throwable {
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18095")));
        String first = container();
        Attachment before = connect(first, "bridge", ports);

        Port.call(() -> networks().disconnect(first));
        Port.call(() -> networks().disconnect(first));

        Attachment after = connect(container(), "bridge", ports);
        assertEquals(
                before.endpoints().getFirst().ipAddress(),
                after.endpoints().getFirst().ipAddress());
        assertEquals(before.ports(), after.ports());
    }

    @Test
    void nothing_to_disconnect_is_no_error() throws Throwable {
        Port.call(() -> networks().disconnect("f".repeat(64)));
        Port.call(() -> networks().disconnect("a/b c"));
    }

    @Test
    void ports_that_something_else_has_are_exchanged_where_there_is_a_choice() throws Throwable {
        String id = container();
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "")));
        Attachment before = connect(id, "bridge", ports);
        int taken = hostPort(before, "80/tcp");

        Attachment after =
                Port.call(() -> networks().reassignPorts(request(id, "bridge", ports), List.of(taken, taken + 1)));

        assertTrue(hostPort(after, "80/tcp") != taken && hostPort(after, "80/tcp") != taken + 1);
        assertEquals(before.endpoints(), after.endpoints());
        assertEquals(after, connect(id, "bridge", ports));
    }

    @Test
    void a_port_that_something_else_has_is_refused_where_there_is_no_choice() throws Throwable {
        String id = container();
        Map<String, List<PortBinding>> ports = Map.of("80/tcp", List.of(new PortBinding("", "18096")));
        Attachment before = connect(id, "bridge", ports);

        String message = Port.refused(EngineError.Failed.class, () -> networks()
                .reassignPorts(request(id, "bridge", ports), List.of(18_096)));

        assertTrue(message.startsWith("driver failed programming external connectivity on endpoint web ("), message);
        assertEquals(before, connect(id, "bridge", ports));
    }

    @Test
    void a_host_is_told_of_the_networks_it_does_not_know() throws Throwable {
        String bridge =
                connect(container(), "bridge", NO_PORTS).endpoints().getFirst().networkId();

        Port.call(() -> networks().bring(hostId(), List.of()));
        assertEquals(List.of(), told());
        Port.call(() -> networks().bring(hostId(), List.of(bridge, "f".repeat(64))));
        assertEquals(List.of(bridge), told());
    }

    @Test
    void a_host_that_is_unknown_or_away_cannot_be_told() throws Throwable {
        String bridge =
                connect(container(), "bridge", NO_PORTS).endpoints().getFirst().networkId();
        agentIsAway();

        Port.assertRefused(EngineError.NotFound.class, "No such host: a/b c", () -> networks()
                .bring("a/b c", List.of(bridge)));
        Port.refused(EngineError.Unavailable.class, () -> networks().bring(hostId(), List.of(bridge)));
    }

    /** The id of a container that runs. */
    private String container() {
        String id = (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
        connected.add(id);
        runs(id);
        return id;
    }

    private Attachment connect(String id, String mode, Map<String, List<PortBinding>> ports) throws Throwable {
        return Port.call(() -> networks().connect(request(id, mode, ports)));
    }

    private ConnectRequest request(String id, String mode, Map<String, List<PortBinding>> ports) {
        return new ConnectRequest(
                hostId(),
                id,
                "web",
                "",
                mode,
                Map.of(mode, new EndpointRequest("", "", List.of())),
                ports,
                List.of(),
                false);
    }

    private static int hostPort(Attachment attachment, String port) {
        return Integer.parseInt(attachment.ports().get(port).getFirst().hostPort());
    }

    /** The last byte. */
    private static int address(AttachedEndpoint endpoint) {
        String text = endpoint.ipAddress();
        return Integer.parseInt(text.substring(text.lastIndexOf('.') + 1));
    }
}
