package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a container is to have on its networks: before it runs, while it rests, and when that changes meanwhile. */
@EndpointTest
class WantedNetworksTest {
    private static final String NOTHING_YET = "id=false endpoint=false address=false names=[] aliases=[]";

    @Test
    void container_that_rests_knows_its_networks(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        String id = create(docker, "c", "--network", net, "--network-alias", "other");
        assertEquals("id=false endpoint=false address=false names=[] aliases=[other]", shown(docker, net));

        docker.ok("start", docker.name("c"));
        String names = "names=[%s, other, %s] aliases=[other]".formatted(docker.name("c"), id.substring(0, 12));
        assertEquals("id=true endpoint=true address=true " + names, shown(docker, net));
        docker.ok("stop", "-t", "0", docker.name("c"));

        assertEquals("id=true endpoint=false address=false " + names, shown(docker, net));
        String networkId = docker.ok("network", "inspect", "-f", "{{.Id}}", net);
        for (String word : List.of(net, networkId, networkId.substring(0, 12))) {
            assertEquals(
                    docker.name("c"), docker.ok("ps", "-a", "--filter", "network=" + word, "--format", "{{.Names}}"));
        }
        assertEquals(
                net,
                docker.ok(
                        "network",
                        "ls",
                        "--filter",
                        "dangling=true",
                        "--filter",
                        "name=" + net,
                        "--format",
                        "{{.Name}}"),
                "nobody uses it now");
    }

    @Test
    void settings_given_to_a_container_that_rests_hold_from_its_next_start(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.205.1.0/24", net);
        String id = create(docker, "c", "--network", net);
        docker.ok("start", docker.name("c"));
        for (String last : List.of("77", "78", "79")) {
            docker.ok("kill", docker.name("c"));
            docker.ok("wait", docker.name("c"));
            docker.ok("network", "disconnect", net, docker.name("c"));
            docker.ok("network", "connect", "--ip", "10.205.1." + last, "--alias", "a" + last, net, docker.name("c"));
            assertEquals(
                    "id=false endpoint=false address=false names=[%s, a%s, %s] aliases=[a%s]"
                            .formatted(docker.name("c"), last, id.substring(0, 12), last),
                    shown(docker, net));

            docker.ok("start", docker.name("c"));

            JsonNode endpoint = endpoint(docker, net);
            assertEquals("10.205.1." + last, endpoint.get("IPAddress").asText());
            assertEquals("[\"a" + last + "\"]", endpoint.get("Aliases").toString());
        }
        docker.ok("kill", docker.name("c"));
        docker.ok("wait", docker.name("c"));
        docker.ok("network", "disconnect", net, docker.name("c"));
        docker.ok("start", docker.name("c"));
        assertEquals(
                "lo",
                docker.ok("exec", docker.name("c"), "ls", "/sys/class/net").replaceAll("\\s+", " "));
        assertEquals("{}", docker.ok("network", "inspect", "-f", "{{json .Containers}}", net));
    }

    @Test
    void what_a_container_that_rests_was_given_first_stays(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", "--subnet", "10.205.2.0/24", net);
        create(docker, "c", "--network", "bridge");
        for (String last : List.of("77", "78")) {
            docker.ok("network", "connect", "--ip", "10.205.2." + last, net, docker.name("c"));
        }

        docker.ok("start", docker.name("c"));

        assertEquals("10.205.2.77", endpoint(docker, net).get("IPAddress").asText());
    }

    @Test
    void id_in_the_settings_of_a_network_says_which_one_is_meant(Docker docker, Engine engine) {
        docker.ok("network", "create", docker.name("named"));
        String meant = docker.ok("network", "create", docker.name("meant"));
        for (String id : List.of(meant, "nosuch")) {
            engine.post(
                            "/containers/create?name=" + docker.name("c"),
                            """
                            {"Image":"%s","Cmd":["sleep","1000"],"HostConfig":{"NetworkMode":"%s"},"NetworkingConfig":\
                            {"EndpointsConfig":{"%2$s":{"NetworkID":"%s"}}}}"""
                                    .formatted(Images.BUSYBOX, docker.name("named"), id))
                    .is(201);
            if (id.equals(meant)) {
                docker.ok("start", docker.name("c"));
                assertTrue(docker.ok("network", "inspect", meant).contains(docker.name("c")));
            } else {
                docker.call("start", docker.name("c")).exits(1).saysError("network nosuch not found");
            }
            docker.ok("rm", "-f", docker.name("c"));
        }
    }

    @Test
    void container_with_the_hosts_network_is_on_no_other(Docker docker, Engine engine) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        engine.post(
                        "/containers/create?name=" + docker.name("c"),
                        """
                        {"Image":"%s","HostConfig":{"NetworkMode":"host"},"NetworkingConfig":{"EndpointsConfig":{"%s":{}}}}"""
                                .formatted(Images.BUSYBOX, net))
                .is(201);

        // dockerd says what the kernel said.
        docker.call("start", docker.name("c")).exits(1);
        docker.ok("rm", docker.name("c"));
    }

    @Test
    void network_made_anew_is_another_one(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        String first = docker.ok("network", "inspect", "-f", "{{.Id}}", net);
        create(docker, "c", "--network", net);
        docker.ok("start", docker.name("c"));
        docker.ok("stop", "-t", "0", docker.name("c"));
        docker.ok("network", "rm", net);
        docker.ok("network", "create", net);

        docker.call("start", docker.name("c")).exits(1).saysError("network " + first + " not found");

        assertEquals(
                "exited 137 network " + first + " not found",
                docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}", docker.name("c")));
        docker.ok("network", "connect", net, docker.name("c"));
        docker.ok("start", docker.name("c"));
    }

    @Test
    void network_named_by_its_id_is_shown_by_its_name(Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        String networkId = docker.ok("network", "inspect", "-f", "{{.Id}}", net);
        for (String word : List.of(networkId, networkId.substring(0, 12))) {
            create(docker, "c", "--network", word);
            assertEquals(NOTHING_YET, shown(docker, net));
            assertEquals(word, docker.ok("inspect", "-f", "{{.HostConfig.NetworkMode}}", docker.name("c")));
            docker.ok("start", docker.name("c"));
            assertEquals(
                    1,
                    docker.inspect(docker.name("c"))
                            .at("/NetworkSettings/Networks")
                            .size());
            assertTrue(shown(docker, net).startsWith("id=true endpoint=true address=true"));
            docker.ok("rm", "-f", docker.name("c"));
        }
    }

    @Test
    void clients_before_1_45_find_short_id_and_hostname_among_the_aliases(Docker docker, Engine engine) {
        Assumptions.assumeTrue(docker.apiMinor() >= 45, "older engines have them there for everyone");
        String net = docker.name("net");
        docker.ok("network", "create", net);
        String id = create(docker, "c", "--network", net, "--hostname", "host7");
        docker.ok("start", docker.name("c"));

        assertEquals("", aliases(engine, "1.45", id, net));
        assertEquals(id.substring(0, 12) + ",host7", aliases(engine, "1.44", id, net));
    }

    @ParameterizedTest
    @CsvSource({"02-00-00-00-00-11", "0200.0000.0011"})
    void mac_address_in_other_forms(String form, Docker docker) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        create(docker, "c", "--network", net, "--mac-address", form);

        docker.ok("start", docker.name("c"));

        assertEquals(
                "02:00:00:00:00:11", endpoint(docker, net).get("MacAddress").asText());
        assertTrue(docker.ok("exec", docker.name("c"), "ip", "link").contains("02:00:00:00:00:11"));
        assertEquals(
                form, docker.inspect(docker.name("c")).at("/Config/MacAddress").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.45 | NET  | NET:02:00:00:00:00:11 | ''",
                "1.45 | NET  | ''    | ''",
                "1.43 | NET  | ''    | ''",
                "1.43 | none | NET:  | conflicting options: mac-address and the network mode",
                "1.43 | host | ''    | conflicting options: mac-address and the network mode",
                "1.45 | NET  | NET:02:00:00:00:00:12 | the container-wide MAC address must match the endpoint-specific MAC"
                        + " address for the main network, or be left empty",
                "1.45 | none | NET:  | ''",
                "1.45 | x    | NET:  | if a container-wide MAC address is supplied, HostConfig.NetworkMode must match the"
                        + " identity of a network in NetworkSettings.Networks",
            })
    void container_wide_mac_address(
            String version, String mode, String endpoint, String refusal, Docker docker, Engine engine) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        String endpoints = endpoint.isEmpty()
                ? ""
                : "\"%s\":{\"MacAddress\":\"%s\"}".formatted(net, endpoint.substring("NET:".length()));
        String body =
                """
                {"Image":"%s","Cmd":["sleep","99"],"MacAddress":"02:00:00:00:00:11","HostConfig":{"NetworkMode":"%s"},
                 "NetworkingConfig":{"EndpointsConfig":{%s}}}
                """
                        .formatted(Images.BUSYBOX, mode.equals("NET") ? net : mode, endpoints);
        Engine.Answer answer = engine.post("/v" + version + "/containers/create?name=" + docker.name("c"), body);
        if (!refusal.isEmpty()) {
            assertEquals(refusal, answer.is(400).message());
            return;
        }
        assertEquals(
                version.equals("1.43")
                        ? "[]"
                        : "[\"The container-wide MacAddress field is now deprecated. It should be specified in"
                                + " EndpointsConfig instead.\"]",
                answer.is(201).json().get("Warnings").toString());
        if (mode.equals("NET")) {
            docker.ok("start", docker.name("c"));
            assertEquals(
                    "02:00:00:00:00:11", endpoint(docker, net).get("MacAddress").asText());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bridge  | \"default\" | 404 | network default not found",
                "NET     | \"default\" | 404 | network default not found",
                "bridge  | \"\"        | 400 | network  is ambiguous",
                "default | \"\"        | 400 | network  is ambiguous",
                "default | \"default\" | 204 | ``",
            })
    void network_that_is_one_as_a_mode_only(
            String mode, String named, int status, String refusal, Docker docker, Engine engine) {
        docker.ok("network", "create", docker.name("net"));
        created(docker, engine, mode.equals("NET") ? docker.name("net") : mode, named + ":{}")
                .is(201);

        Engine.Answer started =
                engine.post("/containers/" + docker.name("c") + "/start").is(status);

        assertTrue(status == 204 || started.message().startsWith(refusal), started.body());
    }

    @Test
    void endpoint_without_settings_is_refused(Docker docker, Engine engine) {
        for (String mode : List.of("bridge", "none", docker.name("net"))) {
            assertEquals(
                    "invalid config for network n1: EndpointsConfig is nil",
                    created(docker, engine, mode, "\"n1\":null").is(400).message(),
                    mode);
        }
    }

    @Test
    void zone_of_a_name_server_is_taken(Docker docker, Engine engine) {
        engine.post(
                        "/containers/create?name=" + docker.name("c"),
                        "{\"Image\":\"%s\",\"Cmd\":[\"sleep\",\"99\"],\"HostConfig\":{\"Dns\":[\"fe80::1%%eth0\"]}}"
                                .formatted(Images.BUSYBOX))
                .is(201);

        docker.ok("start", docker.name("c"));

        String file = docker.ok("exec", docker.name("c"), "cat", "/etc/resolv.conf");
        assertTrue(file.contains("nameserver fe80::1%eth0"), file);
    }

    private static Engine.Answer created(Docker docker, Engine engine, String mode, String endpoints) {
        return engine.post(
                "/containers/create?name=" + docker.name("c"),
                """
                {"Image":"%s","Cmd":["sleep","99"],"HostConfig":{"NetworkMode":"%s"},
                 "NetworkingConfig":{"EndpointsConfig":{%s}}}
                """
                        .formatted(Images.BUSYBOX, mode, endpoints));
    }

    @Test
    void exposed_ports_are_shown_where_the_host_could_lead_to_them(Docker docker) {
        docker.ok("network", "create", docker.name("net"));
        docker.ok("network", "create", "--internal", docker.name("inside"));
        for (String net : List.of(docker.name("net"), docker.name("inside"), "none")) {
            docker.sleeping("c", "--network", net, "--expose", "80", "--expose", "53/udp");
            assertEquals(
                    net.equals(docker.name("net")) ? "{\"53/udp\":null,\"80/tcp\":null}" : "{}",
                    docker.ok("inspect", "-f", "{{json .NetworkSettings.Ports}}", docker.name("c")),
                    net);
            docker.ok("rm", "-f", docker.name("c"));
        }
    }

    @Test
    void container_in_the_network_of_another_has_no_sandbox(Docker docker) {
        docker.sleeping("c");
        docker.sleeping("joined", "--network", "container:" + docker.name("c"));

        JsonNode settings = docker.inspect(docker.name("joined")).get("NetworkSettings");

        assertEquals("", settings.get("SandboxID").asText());
        assertEquals("", settings.get("SandboxKey").asText());
    }

    @Test
    void container_without_networking_has_none(Docker docker, Engine engine) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        engine.post(
                        "/containers/create?name=" + docker.name("c"),
                        """
                        {"Image":"%s","Cmd":["sleep","99"],"NetworkDisabled":true,"HostConfig":{"NetworkMode":"%s"},
                         "NetworkingConfig":{"EndpointsConfig":{"%s":{}}}}
                        """
                                .formatted(Images.BUSYBOX, net, net))
                .is(201);

        docker.ok("start", docker.name("c"));

        assertEquals(
                "lo",
                docker.ok("exec", docker.name("c"), "ls", "/sys/class/net").strip());
        assertEquals("{}", docker.ok("network", "inspect", "-f", "{{json .Containers}}", net));
    }

    @Test
    void clients_before_1_28_list_networks_with_their_containers(Docker docker, Engine engine) {
        String net = docker.name("net");
        docker.ok("network", "create", net);
        docker.sleeping("c", "--network", net);
        String path = "/networks?filters=%7B%22name%22%3A%5B%22" + net + "%22%5D%7D";

        assertEquals(
                1,
                engine.get("/v1.27" + path)
                        .is(200)
                        .json()
                        .get(0)
                        .get("Containers")
                        .size());
        assertEquals(
                0,
                engine.get("/v1.28" + path)
                        .is(200)
                        .json()
                        .get(0)
                        .get("Containers")
                        .size());
    }

    private static String create(Docker docker, String suffix, String... options) {
        List<String> arguments = new ArrayList<>(List.of("create", "--name", docker.name(suffix)));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(Images.BUSYBOX, "sleep", "1000"));
        return docker.ok(arguments.toArray(String[]::new));
    }

    private static String shown(Docker docker, String net) {
        JsonNode endpoint = endpoint(docker, net);
        return "id=%s endpoint=%s address=%s names=%s aliases=%s"
                .formatted(
                        !endpoint.get("NetworkID").asText().isEmpty(),
                        !endpoint.get("EndpointID").asText().isEmpty(),
                        !endpoint.get("IPAddress").asText().isEmpty(),
                        texts(endpoint.get("DNSNames")),
                        texts(endpoint.get("Aliases")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        if (array instanceof ArrayNode list) {
            list.forEach(text -> texts.add(text.asText()));
        }
        return texts;
    }

    private static JsonNode endpoint(Docker docker, String net) {
        return docker.inspect(docker.name("c")).at("/NetworkSettings/Networks").get(net);
    }

    private static String aliases(Engine engine, String version, String id, String net) {
        JsonNode networks = engine.get("/v" + version + "/containers/" + id + "/json")
                .is(200)
                .json()
                .at("/NetworkSettings/Networks");
        return String.join(",", texts(networks.get(net).get("Aliases")));
    }
}
