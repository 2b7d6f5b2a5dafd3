package dev.gantry.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
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
            assertTrue(answer.headers().get("server").matches("Gantry/\\S+ \\(linux\\)"));
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
        for (String path : new String[] {
            "/internal/secret/json",
            "/v1.51/internal/secret/json",
            "/images/../internal/secret/json",
            "/v1.51/images/%2e%2e/internal/secret/json",
            "//internal/secret/json",
            "/q/health",
            "/nothing",
            "/v1.51"
        }) {
            RawHttp.Answer answer = send("GET " + path + " HTTP/1.1");
            assertEquals(404, answer.status(), path);
            assertEquals("page not found", message(answer), path);
        }
        assertEquals(404, send("PATCH /containers/json HTTP/1.1").status());
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
        assertTrue(message(answer).startsWith("event-service cannot be reached"));
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
        assertEquals("1.24", version.getString("MinAPIVersion"));
        assertEquals("amd64", version.getString("Arch"));
    }

    @Test
    void what_a_client_sends_before_the_upgrade_is_for_the_stream() throws Exception {
        byte[] early = new byte[1 << 20];
        new Random(3).nextBytes(early);

        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/v1.51/containers/web/attach", "", early));
        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/exec/e/start", "{\"Detach\":false}", early));
        assertEchoed(early, RawHttp.stream(GatewayDirectory.socket, "/exec/e/start", "", early));
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
