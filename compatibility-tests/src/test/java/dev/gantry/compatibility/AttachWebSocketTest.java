package dev.gantry.compatibility;

import static dev.gantry.compatibility.fixtures.WebSocketClient.BINARY;
import static dev.gantry.compatibility.fixtures.WebSocketClient.CLOSE;
import static dev.gantry.compatibility.fixtures.WebSocketClient.HEADERS;
import static dev.gantry.compatibility.fixtures.WebSocketClient.PING;
import static dev.gantry.compatibility.fixtures.WebSocketClient.PONG;
import static dev.gantry.compatibility.fixtures.WebSocketClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Endpoint;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.WebSocketClient;
import dev.gantry.compatibility.fixtures.WebSocketClient.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /containers/{id}/attach/ws}. */
@EndpointTest
class AttachWebSocketTest {
    private static WebSocketClient open(Docker docker, String name, String query) throws IOException {
        return WebSocketClient.open(docker.endpoint(), "/v1.45/containers/" + name + "/attach/ws?" + query, HEADERS);
    }

    private static String echoing(Docker docker, String suffix, String... options) {
        String name = docker.name(suffix);
        List<String> arguments = new ArrayList<>(List.of("run", "-di", "--name", name));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(Images.BUSYBOX, "cat"));
        docker.ok(arguments.toArray(String[]::new));
        return name;
    }

    @Test
    void the_handshake_is_answered(Docker docker) throws IOException {
        String name = docker.sleeping("hand");
        try (WebSocketClient client = WebSocketClient.open(
                docker.endpoint(),
                "/containers/" + name + "/attach/ws?logs=1",
                HEADERS + "Sec-WebSocket-Protocol: some\r\n")) {
            assertTrue(client.head().startsWith("HTTP/1.1 101 Switching Protocols\r\n"), client::head);
            assertTrue(client.head().contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), client::head);
            assertTrue(client.head().contains("Sec-WebSocket-Protocol: some\r\n"), client::head);
        }
    }

    @Test
    void output_comes_in_binary_frames_and_ends_with_a_close(Docker docker) throws IOException {
        String name = docker.name("logs");
        docker.ok("run", "--name", name, Images.BUSYBOX, "sh", "-c", "echo out; echo err >&2");
        try (WebSocketClient client = open(docker, name, "logs=1&stdout=1&stderr=1")) {
            Frame first = client.next();
            Frame second = client.next();
            assertEquals(BINARY, first.opcode());
            assertEquals(
                    "err\nout\n",
                    first.text().equals("err\n") ? first.text() + second.text() : second.text() + first.text());
            Frame end = client.next();
            assertEquals(CLOSE, end.opcode());
            assertEquals(1000, end.reason());
            assertNull(client.next());
        }
    }

    @Test
    void only_what_is_asked_for_comes(Docker docker) throws IOException {
        String name = docker.name("chosen");
        docker.ok("run", "--name", name, Images.BUSYBOX, "sh", "-c", "echo out; echo err >&2");
        try (WebSocketClient client = open(docker, name, "logs=1&stderr=1")) {
            assertEquals("err\n<8><end>", client.until(BINARY, "none"));
        }
        try (WebSocketClient client = open(docker, name, "")) {
            assertEquals("<8><end>", client.until(BINARY, "none"));
        }
    }

    @ParameterizedTest
    @CsvSource({"1.41,2", "1.28,2", "1.27,1"})
    void old_versions_have_all_streams_and_the_oldest_text(String version, int opcode, Docker docker)
            throws IOException {
        String name = docker.name("old");
        docker.ok("run", "--name", name, Images.BUSYBOX, "sh", "-c", "echo out; sleep 0.1; echo err >&2");
        try (WebSocketClient client = WebSocketClient.open(
                docker.endpoint(), "/v" + version + "/containers/" + name + "/attach/ws?logs=1", HEADERS)) {
            assertEquals("out\nerr\n<8><end>", client.until(opcode, "none"));
        }
    }

    @Test
    void the_stream_goes_on_until_the_container_ends(Docker docker) throws IOException {
        String name = docker.name("ends");
        docker.ok("create", "--name", name, Images.BUSYBOX, "sh", "-c", "echo one; sleep 0.2; echo two");
        try (WebSocketClient client = open(docker, name, "stream=1&stdout=1&stderr=1")) {
            docker.ok("start", name);
            assertEquals("one\ntwo\n<8><end>", client.until(BINARY, "none"));
        }
    }

    @Test
    void input_is_taken_in_frames_of_any_kind(Docker docker) throws IOException {
        String name = echoing(docker, "input");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            client.send(BINARY, "binary\n");
            client.send(TEXT, true, "in ".getBytes(StandardCharsets.UTF_8));
            client.send(PING, "between");
            client.send(0, true, "parts ".getBytes(StandardCharsets.UTF_8));
            client.send(0x80, true, "three\n".getBytes(StandardCharsets.UTF_8));
            client.send(BINARY, "");
            client.send(BINARY, "x".repeat(70_000) + "\n");
            client.send(BINARY, "last\n");

            String echoed = client.until(BINARY, "last\n");

            assertEquals(
                    "binary\nin parts three\n" + "x".repeat(70_000) + "\nlast\n", echoed.replace("<" + PONG + ">", ""));
            assertTrue(echoed.contains("<" + PONG + ">"));
        }
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
    }

    @Test
    void a_ping_is_answered_with_what_it_said(Docker docker) throws IOException {
        String name = echoing(docker, "ping");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            client.send(PING, "hello");
            Frame pong = client.next();
            assertEquals(PONG, pong.opcode());
            assertEquals("hello", pong.text());
        }
    }

    @Test
    void a_close_is_answered_and_ends_the_input(Docker docker) throws IOException {
        String name = docker.name("closes");
        docker.ok("create", "-i", "--name", name, Images.BUSYBOX, "cat");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            docker.ok("start", name);
            client.send(BINARY, "said\n");
            assertEquals("said\n", client.until(BINARY, "said\n"));
            client.send(0x80 | CLOSE, true, new byte[] {3, (byte) 0xe8});
            Frame end = client.next();
            assertEquals(CLOSE, end.opcode());
            assertEquals(1000, end.reason());
            assertNull(client.next());
        }
        // Made by the client with StdinOnce.
        Docker.await("its input ended", "exited", () -> docker.inspect(name)
                .at("/State/Status")
                .asText());
    }

    @Test
    void detach_keys_end_the_stream(Docker docker) throws IOException {
        String name = docker.name("keys");
        docker.ok("run", "-dit", "--name", name, Images.BUSYBOX, "sh");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1&detachKeys=ctrl-x")) {
            client.send(BINARY, "\u0018");
            assertTrue(client.until(BINARY, "none").endsWith("<8><end>"));
        }
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
    }

    @Test
    void a_client_that_goes_away_leaves_the_container(Docker docker) throws IOException {
        String name = echoing(docker, "leaves");
        open(docker, name, "stream=1&stdin=1&stdout=1").close();
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            client.send(BINARY, "again\n");
            assertEquals("again\n", client.until(BINARY, "again\n"));
        }
    }

    @Test
    void much_output_is_all_there(Docker docker) throws IOException {
        String name = docker.name("much");
        docker.ok("create", "--name", name, Images.BUSYBOX, "sh", "-c", "yes 0123456789abcde | head -c 16000000");
        try (WebSocketClient client = open(docker, name, "stream=1&stdout=1")) {
            docker.ok("start", name);
            long sum = 0;
            Frame frame = client.next();
            while (frame.opcode() == BINARY) {
                sum += frame.payload().length;
                frame = client.next();
            }
            assertEquals(16_000_000, sum);
            assertEquals(CLOSE, frame.opcode());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "Upgrade: websocket,Connection: Upgrade,Sec-WebSocket-Key: a,Sec-WebSocket-Version: 12"
                        + " ~ missing or bad WebSocket Version",
                "Upgrade: websocket,Connection: Upgrade,Sec-WebSocket-Key: a ~ missing or bad WebSocket Version",
                "Upgrade: websocket,Connection: Upgrade,Sec-WebSocket-Version: 13 ~ mismatch challenge/response",
                "Upgrade: tcp,Connection: Upgrade ~ not websocket protocol",
                "X-Other: 1 ~ not websocket protocol"
            })
    void wrong_handshakes_are_refused(String headers, String said, Docker docker) throws IOException {
        String name = docker.sleeping("refused");
        try (WebSocketClient client = WebSocketClient.open(
                docker.endpoint(),
                "/containers/" + name + "/attach/ws?stream=1",
                headers.replace(",", "\r\n") + "\r\n")) {
            assertTrue(client.head().startsWith("HTTP/1.1 400 "), client::head);
            assertEquals(said, client.rest());
        }
    }

    @Test
    void what_is_wrong_with_the_request_is_told_before_the_handshake(Docker docker) throws IOException {
        String name = docker.sleeping("wrong");
        docker.ok("pause", name);
        assertRefused(docker, "nosuch", "stream=1", 404, "No such container: nosuch");
        assertRefused(docker, name, "detachKeys=foo", 400, "Invalid detach keys (foo) provided");
        assertRefused(
                docker, name, "stream=1", 409, "container " + name + " is paused, unpause the container before attach");
        docker.ok("unpause", name);
    }

    private static void assertRefused(Docker docker, String name, String query, int status, String message)
            throws IOException {
        try (WebSocketClient client =
                WebSocketClient.open(docker.endpoint(), "/containers/" + name + "/attach/ws?" + query, HEADERS)) {
            assertTrue(client.head().startsWith("HTTP/1.1 " + status + " "), client::head);
            String expected = "{\"message\":\"" + message + "\"}\n";
            StringBuilder body = new StringBuilder();
            while (body.length() < expected.length()) {
                body.append((char) client.byteOf());
            }
            assertEquals(expected.strip(), body.toString().strip());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x83, 0xc2, 0x80, 0x09, 0x8b})
    void what_is_no_frame_ends_the_connection(int first, Docker docker) throws IOException {
        assumeTrue(System.getProperty(Endpoint.AGAINST_PROPERTY) == null && isGantry(docker), "dockerd lets it pass");
        String name = echoing(docker, "broken");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            client.send(first, true, new byte[] {'x', '\n'});
            Frame end = client.next();
            assertEquals(CLOSE, end.opcode());
            assertEquals(1002, end.reason());
            assertNull(client.next());
        }
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
    }

    private static boolean isGantry(Docker docker) {
        return docker.ok("version", "--format", "{{json .Server}}").contains("antry");
    }

    @Test
    void frames_of_any_length_are_read_as_they_come(Docker docker) throws IOException {
        String name = echoing(docker, "long");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            // Says that it is 2^62 bytes long.
            client.raw(new byte[] {(byte) 0x82, (byte) 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            client.raw("begun\n".getBytes(StandardCharsets.UTF_8));
            assertEquals("begun\n", client.until(BINARY, "begun\n"));
        }
        assertEquals("running", docker.inspect(name).at("/State/Status").asText());
    }

    @Test
    void frames_without_a_mask_are_refused(Docker docker) throws IOException {
        String name = echoing(docker, "unmasked");
        try (WebSocketClient client = open(docker, name, "stream=1&stdin=1&stdout=1")) {
            client.send(0x80 | BINARY, false, "x\n".getBytes(StandardCharsets.UTF_8));
            Frame end = client.next();
            assertEquals(CLOSE, end.opcode());
            assertEquals(1002, end.reason());
        }
    }
}
