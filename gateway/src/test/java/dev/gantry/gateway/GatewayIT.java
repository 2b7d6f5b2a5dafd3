package dev.gantry.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.principal.Principal;
import dev.gantry.gateway.policy.Call;
import dev.gantry.gateway.route.Owner;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(GatewayDirectory.class)
class GatewayIT {
    @Test
    void stale_socket_is_replaced_by_one_for_owner_and_group() throws IOException {
        assertEquals(
                "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(GatewayDirectory.socket)));
    }

    @Test
    void ping_has_dockers_headers() throws IOException {
        RawHttp.Answer head = send("HEAD /_ping HTTP/1.1");
        RawHttp.Answer get = send("GET /v1.24/_ping HTTP/1.1");

        assertEquals("OK", get.body());
        assertEquals("", head.body());
        assertEquals("0", head.headers().get("content-length"));
        for (RawHttp.Answer answer : new RawHttp.Answer[] {head, get}) {
            assertEquals(200, answer.status());
            assertEquals("1.51", answer.headers().get("api-version"));
            assertEquals("linux", answer.headers().get("ostype"));
            assertEquals("false", answer.headers().get("docker-experimental"));
            assertEquals("1", answer.headers().get("builder-version"));
            assertEquals("inactive", answer.headers().get("swarm"));
            assertEquals("no-cache, no-store, must-revalidate", answer.headers().get("cache-control"));
            assertTrue(answer.headers().get("server").matches("Docker/28\\.2\\.2 \\(linux\\)"));
        }
    }

    @Test
    void versions_out_of_range_are_refused() throws IOException {
        RawHttp.Answer answer = send("GET /v1.99/info HTTP/1.1");

        assertEquals(400, answer.status());
        assertEquals("client version 1.99 is too new. Maximum supported API version is 1.51", message(answer));
        assertEquals("1.51", answer.headers().get("api-version"));
    }

    @Test
    void internal_and_unknown_paths_are_not_found() throws IOException {
        for (String path :
                new String[] {"/internal/secret/json", "/v1.51/internal/secret/json", "/q/health", "/nothing", "/v1.51"
                }) {
            RawHttp.Answer answer = send("GET " + path + " HTTP/1.1");
            assertEquals(404, answer.status(), path);
            assertEquals("page not found", message(answer), path);
        }
        assertEquals(404, send("PATCH /containers/json HTTP/1.1").status());
    }

    @Test
    void roundabout_paths_lead_nowhere_but_where_they_say() throws IOException {
        RawHttp.Answer answer = send("GET /v1.51/images/%2e%2e/internal/secret/json?x=1 HTTP/1.1");

        assertEquals(301, answer.status());
        assertEquals("/v1.51/internal/secret/json?x=1", answer.headers().get("location"));
        assertEquals(
                "/internal/secret/json",
                send("GET //internal/./secret/json HTTP/1.1").headers().get("location"));
    }

    @Test
    void what_is_no_request_is_answered_and_ends_the_connection() throws IOException {
        for (String head : new String[] {
            "GET /containers/%zz/json HTTP/1.1",
            "GET containers/json HTTP/1.1",
            "GET /_ping HTTP/1.1\nHost: another",
            "GET /_ping HTTP/1.1\nno colon here",
            "nonsense"
        }) {
            RawHttp.Answer answer = send(head);

            assertEquals(400, answer.status(), head);
            assertEquals("400 Bad Request", answer.body(), head);
        }
        assertEquals(
                501,
                send("POST /images/load HTTP/1.1\nTransfer-Encoding: gzip, chunked")
                        .status());
    }

    @Test
    void characters_that_should_have_been_escaped_reach_the_owner() throws IOException {
        String filters = "{\"name\":[\"a|b^c\\\\d<e>\"]}";
        RawHttp.Answer answer =
                post("/v1.43/containers/create?name=" + filters, "application/json", "{\"Image\":\"busybox\"}");

        assertEquals(filters, new JsonObject(answer.body()).getString("name"));
        assertEquals("invalid URL escape \"%zz\"", message(send("GET /networks?filters=%zz HTTP/1.1")));
    }

    @Test
    void slash_behind_networks_does_not_matter() throws IOException {
        assertEquals("1.51 /networks", send("GET /networks/ HTTP/1.1").headers().get("x-seen"));
    }

    @Test
    void options_are_none_and_no_other_origin_is_let_in() throws IOException {
        RawHttp.Answer answer = send("OPTIONS /v1.51/containers/json HTTP/1.1\nOrigin: http://evil.example.com");

        assertEquals(200, answer.status());
        assertEquals("", answer.body());
        assertTrue(answer.headers().keySet().stream().noneMatch(name -> name.startsWith("access-control")));
    }

    @Test
    void owners_learn_who_asks_from_us_alone() throws IOException {
        String forged = "GET /networks HTTP/1.1\nX-Gantry-Principal: local uid=7 gid=7 pid=7\nx-gAnTrY-pRiNcIpAl: root"
                + "\nGantry-Peer: CN=services\nGANTRY-OPERATION: op\nX-Gantry-Api-Version: 1.1";

        String seen = send(forged).headers().get("x-seen-internal");

        String me = "local uid=" + Files.getAttribute(Path.of("/proc/self"), "unix:uid") + " gid="
                + Files.getAttribute(Path.of("/proc/self"), "unix:gid") + " pid="
                + ProcessHandle.current().pid();
        assertEquals("[x-gantry-api-version=1.51, x-gantry-principal=" + me + "]", seen);
    }

    @Test
    void upgraded_requests_carry_it_too() throws Exception {
        byte[] answer = RawHttp.stream(
                GatewayDirectory.socket,
                "/containers/told/attach",
                "",
                "X-Gantry-Principal: local uid=7 gid=7 pid=7\r\n",
                new byte[0]);

        String head = new String(answer, StandardCharsets.ISO_8859_1);
        assertTrue(head.contains("X-Seen-Principal: local uid="), head);
        assertTrue(!head.contains("uid=7 "), head);
    }

    @Test
    void policy_is_asked_with_all_that_is_known() throws IOException {
        post("/v1.43/containers/create?name=web", "application/json", "{\"Image\":\"busybox\"}");

        Call call = PolicyDouble.last();
        assertEquals("POST", call.method());
        assertEquals("/containers/create", call.path());
        assertEquals("name=web", call.query());
        assertEquals(Owner.CONTAINER, call.route().owner());
        assertEquals("{\"Image\":\"busybox\"}", call.body().orElseThrow().toString());
        assertTrue(call.principal() instanceof Principal.LocalPeer);
    }

    @Test
    void what_the_policy_denies_is_forbidden_for_every_kind_of_request() throws Exception {
        for (String request : new String[] {
            "GET /_ping",
            "GET /info",
            "GET /containers/json",
            "GET /networks",
            "GET /events",
            "POST /build",
            "POST /session",
            "GET /services",
            "POST /images/load",
            "POST /exec/e/start",
            "POST /containers/web/attach",
            "DELETE /containers/web"
        }) {
            RawHttp.Answer answer = send(request + "?denied=1 HTTP/1.1\nConnection: Upgrade\nUpgrade: tcp");

            assertEquals(403, answer.status(), request);
            assertEquals("not today", message(answer), request);
        }
        assertEquals(
                403,
                post("/images/load?denied=1", "application/x-tar", "x".repeat(3_000_000))
                        .status());
        assertEquals(
                501, post("/build", "application/x-tar", "x".repeat(3_000_000)).status());
        RawHttp.Answer created = post("/containers/create?denied=1", "application/json", "{}");
        assertEquals(403, created.status());
        byte[] exec = RawHttp.stream(GatewayDirectory.socket, "/exec/e/start?denied=1", "{}", "", new byte[100]);
        assertTrue(new String(exec, StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 403"));
    }

    @Test
    void policy_may_take_its_time_and_what_it_cannot_decide_is_refused() throws IOException {
        assertEquals(
                "3000000",
                post("/images/load?slow=1", "application/x-tar", "x".repeat(3_000_000))
                        .body());
        assertEquals(503, send("GET /networks?broken=1 HTTP/1.1").status());
    }

    @Test
    void no_word_of_an_unexpected_failure_leaves() throws IOException {
        RawHttp.Answer answer = send("GET /containers/broken/json HTTP/1.1\nX-Request-Id: mine");

        assertEquals(500, answer.status());
        assertEquals("something unexpected happened; Gantry's log tells more under request mine", message(answer));
    }

    @Test
    void there_are_no_plugins() throws IOException {
        assertEquals("[]", send("GET /plugins HTTP/1.1").body());
        assertEquals("plugin \"a/b\" not found", message(send("GET /plugins/a/b/json HTTP/1.1")));
        assertEquals(404, send("POST /plugins/nosuch/disable HTTP/1.1").status());
        assertEquals(404, send("DELETE /plugins/nosuch HTTP/1.1").status());
    }

    @Test
    void checked_body_reaches_an_owner_in_this_process() throws IOException {
        RawHttp.Answer answer =
                post("/v1.43/containers/create?name=web", "application/json", "{\"Image\":\"busybox\"}");

        JsonObject seen = new JsonObject(answer.body());
        assertEquals(200, answer.status());
        assertEquals("busybox", seen.getJsonObject("body").getString("Image"));
        assertEquals("web", seen.getString("name"));
        assertEquals("1.43", seen.getString("version"));
        assertEquals(answer.headers().get("x-request-id"), seen.getString("requestId"));
    }

    @Test
    void ill_formed_bodies_never_reach_the_owner() throws IOException {
        assertEquals(
                "unsupported Content-Type header (text/plain): must be 'application/json'",
                message(post("/containers/create", "text/plain", "{}")));
        assertEquals("unexpected content after JSON", message(post("/containers/create", "application/json", "{} []")));
        assertEquals(
                "invalid JSON: got EOF while reading request body",
                message(post("/containers/create", "application/json", "")));
        RawHttp.Answer large = post("/containers/create", "application/json", "{\"a\":\"" + "x".repeat(2000) + "\"}");
        assertEquals(413, large.status());
    }

    @Test
    void owner_in_this_process_may_answer_later() throws IOException {
        assertEquals(
                "{\"slow\":\"true\"}",
                send("GET /containers/slow/json HTTP/1.1").body());
        assertEquals(
                "{\"slow\":\"true\"}",
                send("GET /containers/slow/json?slow=1 HTTP/1.1").body());
    }

    @Test
    void archive_streams_to_an_owner_in_this_process() throws IOException {
        RawHttp.Answer answer = post("/images/load", "application/x-tar", "x".repeat(3_000_000));

        assertEquals("3000000", answer.body());
    }

    @Test
    void owner_in_another_process_sees_path_and_version() throws IOException {
        RawHttp.Answer answer = send("GET /v1.40/networks?filters=%7B%7D HTTP/1.1");

        assertEquals("[]", answer.body());
        assertEquals("1.40 /networks?filters=%7B%7D", answer.headers().get("x-seen"));
        assertEquals(404, send("GET /networks/missing HTTP/1.1").status());
    }

    @Test
    void owner_that_is_away_is_said_so() throws IOException {
        RawHttp.Answer answer = send("GET /events HTTP/1.1");

        assertEquals(503, answer.status());
        assertEquals("event-service cannot be reached; running containers are not affected", message(answer));
    }

    @Test
    void what_docker_has_and_we_have_not_is_not_pretended() throws IOException {
        assertEquals(501, send("POST /build HTTP/1.1").status());
        RawHttp.Answer swarm = send("GET /services HTTP/1.1");
        assertEquals(503, swarm.status());
        assertTrue(message(swarm).startsWith("This node is not a swarm manager."));
    }

    @Test
    void info_and_version_tell_true_figures() throws IOException {
        JsonObject info = new JsonObject(send("GET /info HTTP/1.1").body());
        JsonObject version = new JsonObject(send("GET /version HTTP/1.1").body());

        assertEquals(6, info.getInteger("Containers"));
        assertEquals(3, info.getInteger("Images"));
        assertEquals(2, info.getInteger("NCPU"));
        assertEquals("x86_64", info.getString("Architecture"));
        assertEquals("inactive", info.getJsonObject("Swarm").getString("LocalNodeState"));
        assertEquals("crun", info.getString("DefaultRuntime"));
        assertFalse(info.getJsonArray("SecurityOptions").isEmpty());
        assertEquals("1.51", version.getString("ApiVersion"));
        assertEquals("28.2.2", version.getString("Version"));
        assertEquals("28.2.2", info.getString("ServerVersion"));
        assertTrue(version.getJsonObject("Platform").getString("Name").matches("Gantry \\d.*"));
        assertEquals(
                List.of("Engine", "Gantry", "crun"),
                version.getJsonArray("Components").stream()
                        .map(component -> ((JsonObject) component).getString("Name"))
                        .toList());
        JsonObject before = new JsonObject(send("GET /v1.48/info HTTP/1.1").body());
        assertEquals(
                before.getJsonObject("RuncCommit").getString("ID"),
                before.getJsonObject("RuncCommit").getString("Expected"));
        assertFalse(info.getJsonObject("RuncCommit").containsKey("Expected"));
        assertEquals("1.24", version.getString("MinAPIVersion"));
        assertEquals("amd64", version.getString("Arch"));
    }

    @Test
    void what_a_client_sends_before_the_upgrade_is_for_the_stream() throws Exception {
        byte[] early = new byte[1 << 20];
        new Random(3).nextBytes(early);

        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/v1.51/containers/web/attach", "", "", early));
        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/exec/e/start", "{\"Detach\":false}", "", early));
        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/exec/e/start", "", "", early));
    }

    private static void assertEchoed(byte[] early, byte[] answer) {
        String head = new String(answer, 0, 200, StandardCharsets.ISO_8859_1);
        assertTrue(head.startsWith("HTTP/1.1 101 UPGRADED\r\n"), head);
        assertArrayEquals(early, Arrays.copyOfRange(answer, answer.length - early.length, answer.length));
    }

    private static RawHttp.Answer send(String head) throws IOException {
        return RawHttp.send(GatewayDirectory.socket, head, "");
    }

    private static RawHttp.Answer post(String path, String type, String body) throws IOException {
        String head = "POST " + path + " HTTP/1.1\nContent-Type: " + type + "\nContent-Length: " + body.length();
        return RawHttp.send(GatewayDirectory.socket, head, body);
    }

    private static String message(RawHttp.Answer answer) {
        return new JsonObject(answer.body()).getString("message");
    }
}
