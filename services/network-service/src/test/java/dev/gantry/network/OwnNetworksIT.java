package dev.gantry.network;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesRegex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.network.Networks.AttachedEndpoint;
import dev.gantry.engine.network.Networks.Attachment;
import dev.gantry.engine.network.Networks.ConnectRequest;
import dev.gantry.engine.network.Networks.EndpointRequest;
import dev.gantry.engine.network.Networks.PortBinding;
import dev.gantry.engine.testing.Port;
import dev.gantry.network.host.ForgetNetworks;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks that clients make. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class OwnNetworksIT {
    @Inject
    Networks networks;

    @Inject
    TestHosts hosts;

    @Inject
    ForgetNetworks forget;

    @Inject
    ObjectMapper json;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<NetworkState> told = new CopyOnWriteArrayList<>();
    private final List<String> containers = new ArrayList<>();
    private volatile boolean busy;

    /** What the host says it has now. */
    private volatile List<String> addresses = List.of("172.18.0.0/16");

    private HttpServer agent;

    @BeforeEach
    void listen() throws IOException {
        agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        agent.createContext("/v1/networks/", exchange -> {
            asked.add(exchange.getRequestMethod() + " "
                    + exchange.getRequestURI().getPath().substring("/v1/networks/".length()));
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (body.length > 0) {
                told.add(json.readValue(body, NetworkState.class));
            }
            byte[] answer = busy
                    ? json.writeValueAsBytes(new AgentFailure(AgentFailure.Code.CONFLICT, "it has endpoints").body())
                    : body.length > 0
                            ? json.writeValueAsBytes(new NetworkState.Kept(
                                    json.readValue(body, NetworkState.class).version()))
                            : "{}".getBytes();
            exchange.sendResponseHeaders(busy ? 409 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        agent.createContext("/v1/host", exchange -> {
            byte[] answer = json.writeValueAsBytes(hosts.description(addresses));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        agent.start();
        hosts.listensAt("http://127.0.0.1:" + agent.getAddress().getPort());
    }

    @AfterEach
    void remove() throws Throwable {
        busy = false;
        for (String container : containers) {
            Port.call(() -> networks.disconnect(container));
            hosts.isGone(container);
        }
        given().post("/networks/prune").then().statusCode(200);
        agent.stop(0);
        hosts.listensAt("unix:///nowhere");
        assertEquals(3, given().get("/networks").<List<?>>path("$").size());
    }

    @Test
    void network_is_shown_as_it_was_made() {
        String id = create(
                        """
                        {"Name":"n1","Internal":true,"Attachable":true,"Labels":{"a":"b"},
                         "Options":{"com.docker.network.driver.mtu":"1400"},
                         "IPAM":{"Config":[{"Subnet":"10.90.0.0/24","IPRange":"10.90.0.128/25",
                                            "AuxiliaryAddresses":{"x":"10.90.0.130"}}]}}
                        """)
                .statusCode(201)
                .body("Id", matchesRegex("[0-9a-f]{64}"))
                .body("Warning", equalTo(""))
                .extract()
                .path("Id");

        for (String term : List.of("n1", id, id.substring(0, 8))) {
            given().get("/networks/" + term)
                    .then()
                    .body("Id", equalTo(id))
                    .body("Scope", equalTo("local"))
                    .body("Driver", equalTo("bridge"))
                    .body("Internal", equalTo(true))
                    .body("Attachable", equalTo(true))
                    .body("Labels", equalTo(Map.of("a", "b")))
                    .body("Options", equalTo(Map.of("com.docker.network.driver.mtu", "1400")))
                    .body("IPAM.Driver", equalTo("default"))
                    .body(
                            "IPAM.Config",
                            equalTo(List.of(Map.of(
                                    "Subnet",
                                    "10.90.0.0/24",
                                    "IPRange",
                                    "10.90.0.128/25",
                                    "AuxiliaryAddresses",
                                    Map.of("x", "10.90.0.130")))))
                    .body("Containers", equalTo(Map.of()));
        }
        assertEquals(List.of(), asked, "hosts are told when a container needs it");
    }

    @Test
    void subnets_are_given_that_nothing_has() {
        create("{\"Name\":\"given\",\"IPAM\":{\"Config\":[{\"Subnet\":\"172.20.0.0/24\"}]}}")
                .statusCode(201);
        create("{\"Name\":\"chosen\"}").statusCode(201);

        given().get("/networks/chosen")
                .then()
                .body("IPAM.Config", equalTo(List.of(Map.of("Subnet", "172.21.0.0/16", "Gateway", "172.21.0.1"))));
        create("{\"Name\":\"n2\",\"IPAM\":{\"Config\":[{\"Subnet\":\"172.20.0.0/16\"}]}}")
                .statusCode(403)
                .body("message", equalTo("Pool overlaps with other one on this address space"));
        create("{\"Name\":\"n2\",\"IPAM\":{\"Config\":[{\"Subnet\":\"172.19.5.0/24\"}]}}")
                .statusCode(403);
    }

    @Test
    void subnets_are_outside_of_what_hosts_have_at_the_moment() {
        addresses = List.of("172.18.0.0/16", "172.20.7.1/30");

        create("{\"Name\":\"n1\"}").statusCode(201);
        agent.stop(0);
        create("{\"Name\":\"n2\"}").statusCode(201);

        assertEquals("172.21.0.0/16", given().get("/networks/n1").path("IPAM.Config[0].Subnet"));
        assertEquals(
                "172.20.0.0/16",
                given().get("/networks/n2").path("IPAM.Config[0].Subnet"),
                "a host that is away has what it registered with");
    }

    @Test
    void refusals_have_dockerds_words_and_leave_nothing() {
        refused(400, "invalid name: ", "{}");
        refused(400, "invalid name:  ", "{\"Name\":\" \"}");
        refused(400, "invalid name: longer than 1024 bytes", "{\"Name\":\"" + "n".repeat(1025) + "\"}");
        refused(403, "operation is not permitted on predefined default network ", "{\"Name\":\"default\"}");
        refused(403, "Ingress network can only be global scope network", "{\"Name\":\"n1\",\"Ingress\":true}");
        refused(
                403,
                "cannot create a swarm scoped network when swarm is not active",
                "{\"Name\":\"n1\",\"Scope\":\"swarm\"}");
        refused(403, "only one instance of \"host\" network is allowed", "{\"Name\":\"n1\",\"Driver\":\"host\"}");
        refused(404, "plugin \"x\" not found", "{\"Name\":\"n1\",\"Driver\":\"x\"}");
        refused(404, "plugin \"x\" not found", "{\"Name\":\"n1\",\"IPAM\":{\"Driver\":\"x\"}}");
        refused(400, "ipv4 pool is empty", "{\"Name\":\"n1\",\"IPAM\":{\"Driver\":\"null\"}}");
        refused(400, "IPv4 or IPv6 must be enabled", "{\"Name\":\"n1\",\"EnableIPv4\":false}");
        refused(400, "invalid JSON: json: cannot unmarshal number into field Name of type string", "{\"Name\":3}");
        refused(
                400,
                "invalid JSON: json: cannot unmarshal string into field CheckDuplicate of type bool",
                "{\"Name\":\"n1\",\"CheckDuplicate\":\"x\"}");
        refused(400, "invalid JSON: a string contains a NUL character", "{\"Name\":\"a\\u0000\"}");
        String bridge = "com.docker.network.bridge.name";
        String id = given().get("/networks/bridge").path("Id");
        create("{\"Name\":\"n1\",\"Options\":{\"" + bridge + "\":\"gantry0\"}}")
                .statusCode(403)
                .body(
                        "message",
                        matchesRegex("cannot create network [0-9a-f]{64} \\(gantry0\\): conflicts with network " + id
                                + " \\(gantry0\\): networks have same bridge name"));
        given().get("/networks/n1").then().statusCode(404);
    }

    @Test
    void settings_may_come_from_a_network_that_has_nothing_else() {
        create("{\"Name\":\"cf\",\"ConfigOnly\":true,\"Internal\":true}").statusCode(403);
        create("{\"Name\":\"cf\",\"ConfigOnly\":true,\"Labels\":{\"a\":\"b\"},\"Options\":{\"foo\":\"1\"},"
                        + "\"EnableIPv6\":true,"
                        + "\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:90::/64\"},{\"Subnet\":\"10.90.0.0/24\"}]}}")
                .statusCode(201);
        given().get("/networks/cf").then().body("Driver", equalTo("null")).body("ConfigOnly", equalTo(true));

        refused(
                404,
                "configuration network \"bridge\" does not exist",
                "{\"Name\":\"n1\",\"ConfigFrom\":{\"Network\":\"bridge\"}}");
        refused(
                403,
                "network driver options are not supported if the network depends on a configuration network",
                "{\"Name\":\"n1\",\"ConfigFrom\":{\"Network\":\"cf\"},\"Options\":{\"a\":\"b\"}}");
        for (String own : List.of(
                "\"Labels\":{\"a\":\"b\"}",
                "\"EnableIPv6\":true",
                "\"IPAM\":{\"Driver\":\"null\"}",
                "\"IPAM\":{\"Options\":{\"a\":\"b\"}}",
                "\"IPAM\":{\"Config\":[{\"Subnet\":\"10.91.0.0/24\"}]}")) {
            refused(
                    403,
                    "user specified configurations are not supported if the network depends on a configuration network",
                    "{\"Name\":\"n1\",\"ConfigFrom\":{\"Network\":\"cf\"}," + own + "}");
        }
        create("{\"Name\":\"n1\",\"ConfigFrom\":{\"Network\":\"cf\"},\"IPAM\":{\"Driver\":\"default\"}}")
                .statusCode(201);
        given().get("/networks/n1")
                .then()
                .body("ConfigFrom.Network", equalTo("cf"))
                .body("Options", equalTo(Map.of("foo", "1")))
                .body("IPAM.Config.Subnet", equalTo(List.of("10.90.0.0/24", "fd00:90::/64")))
                .body("Labels", equalTo(Map.of("a", "b")));

        given().delete("/networks/cf")
                .then()
                .statusCode(403)
                .body("message", equalTo("error while removing network: configuration network \"cf\" is in use"));
        Port.assertRefused(
                EngineError.Forbidden.class,
                "cannot create endpoint on configuration-only network",
                () -> connect(container(), "cf", Map.of()));
        given().delete("/networks/n1").then().statusCode(204);
        given().delete("/networks/cf").then().statusCode(204);
    }

    @Test
    void a_name_taken_by_many_at_once_is_given_once() throws Exception {
        List<Integer> statuses =
                atOnce(8, n -> create("{\"Name\":\"same\"}").extract().statusCode());

        assertEquals(1, statuses.stream().filter(status -> status == 201).count(), statuses.toString());
        assertEquals(7, statuses.stream().filter(status -> status == 409).count(), statuses.toString());
        create("{\"Name\":\"same\"}").statusCode(409).body("message", equalTo("network with name same already exists"));
    }

    @Test
    void subnets_chosen_at_once_differ() throws Exception {
        atOnce(8, n -> create("{\"Name\":\"at-once-" + n + "\"}").statusCode(201));

        List<String> subnets = given().get("/networks").path("IPAM.Config.flatten().Subnet");
        assertEquals(subnets.size(), new HashSet<>(subnets).size(), subnets.toString());
    }

    @Test
    void networks_have_ipv6_beside_ipv4_where_it_is_enabled() throws Throwable {
        create("{\"Name\":\"n1\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"FD00:A2:0:0::/64\"}]}}")
                .statusCode(201);

        given().get("/networks/n1")
                .then()
                .body("EnableIPv4", equalTo(true))
                .body("EnableIPv6", equalTo(true))
                .body("IPAM.Config[0]", equalTo(Map.of("Subnet", "FD00:A2:0:0::/64")))
                .body("IPAM.Config[1].Subnet", matchesRegex("172\\..*/16"))
                .body("IPAM.Config[1].Gateway", matchesRegex("172\\..*"));
        refused(
                403,
                "Pool overlaps with other one on this address space",
                "{\"Name\":\"n2\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:a2::/56\"}]}}");
        NetworkPlan.Endpoint endpoint =
                call(container(), "n1", Map.of()).plan().endpoints().getFirst();
        assertEquals(new NetworkPlan.Ipv6("fd00:a2::2/64", "fd00:a2::1", true), endpoint.ipv6());
        assertTrue(endpoint.defaultRoute());
        AttachedEndpoint shown = call(container(), "n1", Map.of("n1", ipv6("FD00:A2::0077", "169.254.8.8", "fe80::8")))
                .endpoints()
                .getFirst();
        assertEquals("fd00:a2::77", shown.ipv6Address());
        assertEquals("fd00:a2::1", shown.ipv6Gateway());
        assertEquals(64, shown.ipv6PrefixLen());
        assertEquals(
                List.of("169.254.8.8/16", "fe80::8/64"),
                call(container(), "n1", Map.of("n1", ipv6("", "169.254.8.8", "fe80::8")))
                        .plan()
                        .endpoints()
                        .getFirst()
                        .linkLocal());
        for (String taken : List.of("fd00:a2::", "fd00:a2::1", "fd00:a2::2", "fd00:a2:0::77")) {
            Port.assertRefused(
                    EngineError.Forbidden.class,
                    "Address already in use",
                    () -> connect(container(), "n1", Map.of("n1", ipv6(taken))));
        }
        Port.assertRefused(
                EngineError.BadParameter.class,
                "invalid link local IP address: 10.1.1.1",
                () -> connect(container(), "n1", Map.of("n1", ipv6("", "10.1.1.1"))));
        String invalid = "invalid config for network n1: invalid endpoint settings:\n";
        unfit(
                invalid + "* invalid IPv6 address: x\n* no configured subnet or ip-range contain the IP address x",
                Map.of("n1", ipv6("x")));
        unfit(
                invalid + "no configured subnet or ip-range contain the IP address fd00:ff::77",
                Map.of("n1", ipv6("fd00:ff::77")));
        unfit(invalid + "invalid link-local IP address: x", Map.of("n1", ipv6("", "x")));
        unfit(
                invalid + "more than 64 link-local IP addresses",
                Map.of("n1", ipv6("", Collections.nCopies(65, "fe80::9").toArray(String[]::new))));
        assertEquals(
                List.of("fd00:a2::2/64", "fd00:a2::77/64", "fd00:a2::3/64"),
                given().get("/networks/n1").path("Containers.collect{it.value.IPv6Address}"));
    }

    @Test
    void ipv6_subnets_are_chosen_from_one_network_of_the_cluster() {
        create("{\"Name\":\"n1\",\"EnableIPv6\":true}").statusCode(201);
        create("{\"Name\":\"n2\",\"EnableIPv6\":true}").statusCode(201);

        String first = given().get("/networks/n1").path("IPAM.Config[1].Subnet");
        String second = given().get("/networks/n2").path("IPAM.Config[1].Subnet");
        assertTrue(first.matches("fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::/64"), first);
        assertEquals(first.replace("::/64", ":1::/64"), second);
    }

    @Test
    void network_without_ipv4_gives_ipv6_alone() throws Throwable {
        create("{\"Name\":\"n1\",\"EnableIPv4\":false,\"EnableIPv6\":true,"
                        + "\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:a2::/126\"}]}}")
                .statusCode(201);

        Attachment attachment = call(container(), "n1", Map.of());
        NetworkPlan.Endpoint endpoint = attachment.plan().endpoints().getFirst();
        assertEquals("", endpoint.address());
        assertEquals("", endpoint.gateway());
        assertEquals("fd00:a2::2/126", endpoint.ipv6().address());
        assertTrue(endpoint.macAddress().startsWith("02:42:"), endpoint.macAddress());
        assertEquals("", attachment.endpoints().getFirst().ipAddress());
        assertEquals(
                "fd00:a2::3/126",
                call(container(), "n1", Map.of())
                        .plan()
                        .endpoints()
                        .getFirst()
                        .ipv6()
                        .address());
        Port.assertRefused(
                EngineError.Failed.class,
                "no available IPv6 addresses on this network's address pools: n1 ("
                        + endpoint.network().id() + ")",
                () -> connect(container(), "n1", Map.of()));
        given().get("/networks/n1").then().body("EnableIPv4", equalTo(false));
    }

    @Test
    void containers_share_an_interface_of_their_host_and_publish_nothing_there() throws Throwable {
        create("{\"Name\":\"m1\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"d0\"},"
                        + "\"IPAM\":{\"Config\":[{\"Subnet\":\"10.50.0.0/24\"}]}}")
                .statusCode(201);
        String id = given().get("/networks/m1").path("Id");
        given().get("/networks/m1").then().body("Driver", equalTo("macvlan"));
        create("{\"Name\":\"m2\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"d0\"}}")
                .statusCode(500)
                .body(
                        "message",
                        equalTo("network dm-" + id.substring(0, 12) + " is already using parent interface d0"));
        Attachment attachment = Port.call(() -> networks.connect(new ConnectRequest(
                TestHosts.HOST,
                container(),
                "web",
                "",
                "m1",
                Map.of("m1", new EndpointRequest("", "", List.of())),
                Map.of("80/tcp", List.of(new PortBinding("", "8080"))),
                List.of(),
                false)));

        NetworkPlan.Endpoint endpoint = attachment.plan().endpoints().getFirst();
        assertEquals("10.50.0.2/24", endpoint.address());
        assertEquals("10.50.0.1", endpoint.gateway());
        assertTrue(endpoint.defaultRoute());
        assertEquals(List.of(), endpoint.ports());
        assertEquals(Map.of(), attachment.ports());
        Port.call(() -> networks.bring(TestHosts.HOST, List.of(id)));
        assertEquals(
                new NetworkState.Parent("d0", false, "macvlan", "bridge", "", 0),
                told.getLast().link());

        create("{\"Name\":\"m3\",\"Driver\":\"macvlan\"}").statusCode(201);
        Attachment nowhere = call(container(), "m3", Map.of());
        assertEquals("", nowhere.endpoints().getFirst().gateway());
        assertFalse(nowhere.plan().endpoints().getFirst().defaultRoute());
        create("{\"Name\":\"i3\",\"Driver\":\"ipvlan\",\"Options\":{\"parent\":\"d0\",\"ipvlan_mode\":\"l3\"}}")
                .statusCode(201);
        NetworkPlan.Endpoint link =
                call(container(), "i3", Map.of()).plan().endpoints().getFirst();
        assertEquals("", link.gateway());
        assertTrue(link.defaultRoute());
    }

    @Test
    void several_subnets_give_their_addresses_one_after_the_other() throws Throwable {
        create("{\"Name\":\"s1\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"d1\"},\"IPAM\":{\"Config\":["
                        + "{\"Subnet\":\"10.51.0.0/30\"},{\"Subnet\":\"10.52.0.0/29\",\"Gateway\":\"10.52.0.2\","
                        + "\"AuxiliaryAddresses\":{\"a\":\"10.52.0.1\"}}]}}")
                .statusCode(201);
        refused(
                403,
                "Pool overlaps with other one on this address space",
                "{\"Name\":\"s2\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.52.0.0/16\"}]}}");

        NetworkPlan.Endpoint first =
                call(container(), "s1", Map.of()).plan().endpoints().getFirst();
        Attachment next = call(container(), "s1", Map.of());
        NetworkPlan.Endpoint asked = call(
                        container(), "s1", Map.of("s1", new EndpointRequest("10.52.0.6", "", List.of())))
                .plan()
                .endpoints()
                .getFirst();

        assertEquals("10.51.0.2/30", first.address());
        assertEquals("10.51.0.1", first.gateway());
        assertEquals("10.52.0.3/29", next.plan().endpoints().getFirst().address());
        assertEquals("10.52.0.2", next.endpoints().getFirst().gateway());
        assertEquals(29, next.endpoints().getFirst().ipPrefixLen());
        assertEquals("10.52.0.6/29", asked.address());
        Port.assertRefused(
                EngineError.BadParameter.class,
                "invalid config for network s1: invalid endpoint settings:\n"
                        + "no configured subnet or ip-range contain the IP address 10.53.0.2",
                () -> networks.check(Map.of("s1", new EndpointRequest("10.53.0.2", "", List.of()))));
    }

    @Test
    void ports_of_a_routed_network_are_open_there_and_take_none_of_the_host() throws Throwable {
        String mode = "com.docker.network.bridge.gateway_mode_ipv";
        create("{\"Name\":\"r4\",\"Options\":{\"" + mode + "4\":\"routed\"}}").statusCode(201);
        create("{\"Name\":\"r6\",\"EnableIPv6\":true,\"Options\":{\"" + mode + "6\":\"routed\"}}")
                .statusCode(201);
        refused(
                400,
                "gateway mode 'isolated' can only be used for an internal network",
                "{\"Name\":\"n1\",\"Options\":{\"" + mode + "4\":\"isolated\"}}");
        create("{\"Name\":\"i4\",\"Internal\":true,\"Options\":{\"" + mode + "4\":\"isolated\"}}")
                .statusCode(201);

        Attachment routed = publishing("r4");
        assertEquals(
                List.of(new NetworkPlan.PublishedPort("tcp", "0.0.0.0", 0, 80)),
                routed.plan().endpoints().getFirst().ports());
        assertEquals(Map.of("80/tcp", List.of(new PortBinding("0.0.0.0", ""))), routed.ports());
        Attachment mixed = publishing("r6");
        assertEquals(
                Map.of("80/tcp", List.of(new PortBinding("0.0.0.0", "8080"), new PortBinding("::", ""))),
                mixed.ports());
        publishing("i4");
        assertEquals(
                List.of(
                        NetworkState.Mode.ROUTED,
                        NetworkState.Mode.NAT,
                        NetworkState.Mode.ROUTED,
                        NetworkState.Mode.ISOLATED),
                told.stream()
                        .flatMap(state -> state.subnets().stream())
                        .map(NetworkState.Subnet::mode)
                        .toList());
    }

    private Attachment publishing(String network) throws Throwable {
        Attachment attachment = Port.call(() -> networks.connect(new ConnectRequest(
                TestHosts.HOST,
                container(),
                "web",
                "",
                network,
                Map.of(network, new EndpointRequest("", "", List.of())),
                Map.of("80/tcp", List.of(new PortBinding("", "8080"))),
                List.of(),
                false)));
        Port.call(() -> networks.bring(
                TestHosts.HOST, List.of(attachment.endpoints().getFirst().networkId())));
        return attachment;
    }

    @Test
    void each_family_has_a_gateway_of_its_own() throws Throwable {
        create("{\"Name\":\"a4\"}").statusCode(201);
        create("{\"Name\":\"b6\",\"EnableIPv6\":true}").statusCode(201);
        EndpointRequest nothing = new EndpointRequest("", "", List.of());
        Attachment both = Port.call(() -> networks.connect(new ConnectRequest(
                TestHosts.HOST,
                container(),
                "web",
                "",
                "a4",
                Map.of("a4", nothing, "b6", nothing),
                Map.of("80/tcp", List.of(new PortBinding("", "8080"))),
                List.of(),
                false)));

        Map<Boolean, List<String>> ports = new HashMap<>();
        both.plan()
                .endpoints()
                .forEach(endpoint -> ports.put(
                        endpoint.ipv6() != null && endpoint.ipv6().defaultRoute(),
                        endpoint.ports().stream()
                                .map(NetworkPlan.PublishedPort::hostIp)
                                .toList()));
        assertEquals(Map.of(false, List.of("0.0.0.0"), true, List.of("::")), ports);
        assertEquals("a4", gateway(both));
        assertEquals(
                List.of(new PortBinding("0.0.0.0", "8080"), new PortBinding("::", "8080")),
                both.ports().get("80/tcp"));
    }

    @Test
    void ipv6_with_an_mtu_that_is_too_small_for_it_is_refused() {
        String options = "\"Options\":{\"com.docker.network.driver.mtu\":\"1200\"}";
        refused(
                400,
                "the MTU 1200 is too small for IPv6, which needs 1280 bytes at least",
                "{\"Name\":\"n1\",\"EnableIPv6\":true," + options + "}");
        create("{\"Name\":\"n1\"," + options + "}").statusCode(201);
    }

    @Test
    void another_router_than_the_bridge_has_the_default_route() throws Throwable {
        create(
                        """
                        {"Name":"n1","EnableIPv6":true,"IPAM":{"Config":[
                          {"Subnet":"10.90.0.0/24",
                           "AuxiliaryAddresses":{"DefaultGatewayIPv4":"10.90.0.9","DefaultGatewayIPv6":"10.90.0.8"}},
                          {"Subnet":"fd00:90::/64","AuxiliaryAddresses":{"DefaultGatewayIPv6":"fd00:90:0::9"}}]}}
                        """)
                .statusCode(201);

        Attachment attachment = call(container(), "n1", Map.of());
        Port.call(() -> networks.bring(
                TestHosts.HOST, List.of(attachment.endpoints().getFirst().networkId())));

        NetworkPlan.Endpoint endpoint = attachment.plan().endpoints().getFirst();
        assertEquals("10.90.0.9", endpoint.gateway());
        assertEquals("fd00:90::9", endpoint.ipv6().gateway());
        assertEquals("10.90.0.1", endpoint.network().host());
        assertEquals("10.90.0.9", attachment.endpoints().getFirst().gateway());
        assertEquals("fd00:90::9", attachment.endpoints().getFirst().ipv6Gateway());
        assertEquals(
                List.of("10.90.0.1", "fd00:90::1"),
                told.getLast().subnets().stream()
                        .map(NetworkState.Subnet::gateway)
                        .toList());
        refused(
                400,
                "no gateway can be set on an internal bridge network",
                """
                {"Name":"n2","Internal":true,"IPAM":{"Config":[
                  {"Subnet":"10.91.0.0/24","AuxiliaryAddresses":{"DefaultGatewayIPv4":"10.91.0.9"}}]}}
                """);
        refused(
                400,
                "invalid network config:\ninvalid auxiliary address DefaultGatewayIPv4:"
                        + " parent subnet 10.91.0.0/24 doesn't contain this address",
                """
                {"Name":"n2","IPAM":{"Config":[
                  {"Subnet":"10.91.0.0/24","AuxiliaryAddresses":{"DefaultGatewayIPv4":"10.92.0.9"}}]}}
                """);
    }

    @Test
    void containers_get_addresses_from_the_range_and_none_that_is_taken() throws Throwable {
        create("{\"Name\":\"n1\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.90.0.0/29\",\"IPRange\":\"10.90.0.4/30\","
                        + "\"AuxiliaryAddresses\":{\"x\":\"10.90.0.5\"}}]}}")
                .statusCode(201);

        Attachment first = call(container(), "n1", Map.of());
        NetworkPlan.Endpoint endpoint = first.plan().endpoints().getFirst();
        assertEquals("10.90.0.6/29", endpoint.address());
        assertEquals("10.90.0.4", endpoint.gateway());
        assertEquals("02:42:0a:5a:00:06", endpoint.macAddress());
        assertEquals(given().get("/networks/n1").path("Id"), endpoint.network().id());
        Port.assertRefused(
                EngineError.Failed.class,
                "no available IPv4 addresses on this network's address pools: n1 ("
                        + endpoint.network().id() + ")",
                () -> connect(container(), "n1", Map.of()));

        // Outside of the range what is asked for is given, also an IPv4 address that is written as an IPv6 one.
        assertEquals(
                "10.90.0.2/29",
                call(container(), "n1", Map.of("n1", address("::ffff:10.90.0.2")))
                        .plan()
                        .endpoints()
                        .getFirst()
                        .address());
        for (String taken : List.of("10.90.0.2", "10.90.0.4", "10.90.0.5", "10.90.0.0", "10.90.0.7")) {
            Port.assertRefused(
                    EngineError.Forbidden.class,
                    "Address already in use",
                    () -> connect(container(), "n1", Map.of("n1", address(taken))));
        }
    }

    @Test
    void addresses_are_checked_before_a_container_is_made() {
        create("{\"Name\":\"n1\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.90.0.0/24\"}]}}")
                .statusCode(201);
        create("{\"Name\":\"n2\"}").statusCode(201);
        String about = "invalid config for network %s: invalid endpoint settings:\n";

        unfit(
                about.formatted("n1") + "no configured subnet or ip-range contain the IP address 10.99.0.7",
                Map.of("n1", address("10.99.0.7")));
        unfit(
                about.formatted("n1")
                        + "* invalid IPv4 address: x\n* no configured subnet or ip-range contain the IP address x",
                Map.of("n1", address("x")));
        unfit(
                about.formatted("n2")
                        + "user specified IP address is supported only when connecting to networks with user configured subnets",
                Map.of("n2", address("172.20.0.9")));
        unfit(
                about.formatted("n1")
                        + "* invalid IPv4 address: 0.0.0.0\n"
                        + "* no configured subnet or ip-range contain the IP address 0.0.0.0",
                Map.of("n1", address("0.0.0.0")));
        unfit(
                about.formatted("bridge")
                        + "* user specified IP address is supported on user defined networks only\n"
                        + "* user specified IP address is supported only when connecting to networks with user configured subnets",
                Map.of("bridge", address("172.18.0.77")));
        unfit(
                about.formatted("bridge")
                        + "* user specified IP address is supported on user defined networks only\n"
                        + "* invalid IPv6 address: ::\n"
                        + "* user specified IP address is supported only when connecting to networks with user configured subnets",
                Map.of("bridge", ipv6("::")));
        unfit(
                about.formatted("bridge")
                        + "network-scoped alias is supported only for containers in user defined networks",
                Map.of("bridge", new EndpointRequest("", "", List.of("x"))));
    }

    @Test
    void container_on_several_networks_has_its_default_route_where_dockerd_would() throws Throwable {
        create("{\"Name\":\"inside\",\"Internal\":true}").statusCode(201);
        create("{\"Name\":\"zone\",\"Options\":{\"com.docker.network.container_iface_prefix\":\"net\"}}")
                .statusCode(201);
        create("{\"Name\":\"area\",\"Options\":{\"com.docker.network.bridge.host_binding_ipv4\":\"127.0.0.1\"}}")
                .statusCode(201);
        EndpointRequest nothing = new EndpointRequest("", "", List.of());

        Attachment byName = Port.call(() -> networks.connect(new ConnectRequest(
                TestHosts.HOST,
                container(),
                "web",
                "",
                "inside",
                Map.of("inside", nothing, "zone", nothing, "area", nothing),
                Map.of("80/tcp", List.of(new PortBinding("", "8080"))),
                List.of(),
                false)));
        assertEquals(Set.of("eth0", "eth1", "net0"), interfaces(byName));
        assertEquals("area", gateway(byName));
        assertEquals(
                List.of(new PortBinding("127.0.0.1", "8080")), byName.ports().get("80/tcp"));
        assertEquals("eth0", byName.plan().endpoints().getFirst().interfaceName(), "of the mode's network");
        assertEquals("", byName.endpoints().getFirst().gateway(), "an internal network leads nowhere");

        Attachment byPriority = call(
                container(),
                "area",
                Map.of("area", nothing, "zone", new EndpointRequest("", "", List.of(), "", List.of(), 7, Map.of())));
        assertEquals("zone", gateway(byPriority));

        Attachment closed = call(container(), "inside", Map.of());
        assertTrue(closed.plan().endpoints().stream().noneMatch(NetworkPlan.Endpoint::defaultRoute));
    }

    @Test
    void networks_of_settings_count_and_not_that_of_the_mode() throws Throwable {
        create("{\"Name\":\"n1\"}").statusCode(201);
        EndpointRequest nothing = new EndpointRequest("", "", List.of());

        Attachment attachment = call(container(), "bridge", Map.of("n1", nothing));

        assertEquals(
                List.of("n1"),
                attachment.endpoints().stream()
                        .map(Networks.AttachedEndpoint::networkName)
                        .toList());
        Port.assertRefused(
                EngineError.BadParameter.class,
                "container cannot be disconnected from host network or connected to host network",
                () -> connect(container(), "host", Map.of("host", nothing, "n1", nothing)));
    }

    @Test
    void network_in_use_stays_until_its_containers_have_ended() throws Throwable {
        String id = create("{\"Name\":\"n1\"}").extract().path("Id");
        String container = container();
        call(container, "n1", Map.of());

        given().delete("/networks/n1")
                .then()
                .statusCode(403)
                .body(
                        "message",
                        equalTo("error while removing network: network n1 id " + id + " has active endpoints"));
        given().post("/networks/prune").then().body("NetworksDeleted", equalTo(null));

        hosts.hasEnded(container);
        // What is known of containers is asked again after a moment.
        int status = 403;
        for (int i = 0; i < 100 && status == 403; i++) {
            Thread.sleep(50);
            status = given().delete("/networks/n1").statusCode();
        }
        assertEquals(204, status);
        assertEquals(List.of("DELETE " + id), asked);
        given().delete("/networks/n1").then().statusCode(404).body("message", equalTo("network n1 not found"));
    }

    @Test
    void host_that_does_not_take_it_down_is_asked_again() throws Throwable {
        String id = create("{\"Name\":\"n1\"}").extract().path("Id");
        String container = container();
        call(container, "n1", Map.of());
        Port.call(() -> networks.bring(TestHosts.HOST, List.of(id)));
        Port.call(() -> networks.disconnect(container));
        busy = true;

        given().delete("/networks/n1").then().statusCode(204);
        assertTrue(asked.size() > 2, asked.toString());
        asked.clear();
        busy = false;
        Port.call(forget::forgetAll);
        Port.call(forget::forgetAll);

        assertEquals(List.of("DELETE " + id), asked);
    }

    @Test
    void prune_takes_what_its_filters_admit() throws InterruptedException {
        create("{\"Name\":\"n1\",\"Labels\":{\"keep\":\"\"}}").statusCode(201);
        create("{\"Name\":\"n2\"}").statusCode(201);
        create("{\"Name\":\"n3\"}").statusCode(201);

        prune("{\"until\":[\"1h\"]}").body("NetworksDeleted", equalTo(null));
        prune("{\"label!\":[\"keep\"]}").body("NetworksDeleted", equalTo(List.of("n2", "n3")));
        prune("{\"label\":[\"other\"]}").body("NetworksDeleted", equalTo(null));
        prune("{\"foo\":[\"x\"]}").statusCode(400).body("message", equalTo("invalid filter 'foo'"));
        prune("{\"until\":[\"x\"]}")
                .statusCode(400)
                .body("message", equalTo("failed to parse value as time or duration: \"x\""));
        prune("{\"label\":[\"keep\"]}").body("NetworksDeleted", equalTo(List.of("n1")));
    }

    private static ValidatableResponse prune(String filters) {
        return given().queryParam("filters", filters).post("/networks/prune").then();
    }

    private void unfit(String message, Map<String, EndpointRequest> endpoints) {
        Port.assertRefused(EngineError.BadParameter.class, message, () -> networks.check(endpoints));
    }

    private static void refused(int status, String message, String body) {
        create(body).statusCode(status).body("message", equalTo(message));
    }

    private static ValidatableResponse create(String body) {
        return given().contentType("application/json")
                .body(body)
                .post("/networks/create")
                .then();
    }

    private static EndpointRequest address(String address) {
        return new EndpointRequest(address, "", List.of());
    }

    private static EndpointRequest ipv6(String address, String... linkLocal) {
        return new EndpointRequest("", address, List.of(linkLocal), "", List.of(), 0, Map.of());
    }

    private static Set<String> interfaces(Attachment attachment) {
        Set<String> names = new HashSet<>();
        attachment.plan().endpoints().forEach(endpoint -> names.add(endpoint.interfaceName()));
        return names;
    }

    private static String gateway(Attachment attachment) {
        NetworkPlan.Endpoint gateway = attachment.plan().endpoints().stream()
                .filter(NetworkPlan.Endpoint::defaultRoute)
                .reduce((one, other) -> {
                    throw new AssertionError("two default routes");
                })
                .orElseThrow();
        return attachment.endpoints().stream()
                .filter(endpoint -> endpoint.endpointId().equals(gateway.endpointId()))
                .findFirst()
                .orElseThrow()
                .networkName();
    }

    private String container() {
        String id = (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
        containers.add(id);
        hosts.runs(id);
        return id;
    }

    private Attachment call(String container, String mode, Map<String, EndpointRequest> endpoints) throws Throwable {
        return Port.call(() -> connect(container, mode, endpoints));
    }

    private Uni<Attachment> connect(String container, String mode, Map<String, EndpointRequest> endpoints) {
        Map<String, EndpointRequest> wanted =
                endpoints.isEmpty() ? Map.of(mode, new EndpointRequest("", "", List.of())) : endpoints;
        return networks.connect(
                new ConnectRequest(TestHosts.HOST, container, "web", "", mode, wanted, Map.of(), List.of(), false));
    }

    private interface Numbered<T> {
        T run(int number) throws Exception;
    }

    private static <T> List<T> atOnce(int count, Numbered<T> work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Callable<T>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                all.add(() -> work.run(number));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : threads.invokeAll(all)) {
                results.add(one.get());
            }
            return results;
        }
    }
}
