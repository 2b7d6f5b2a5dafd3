package dev.gantry.image.pull;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.gantry.agent.api.Digest;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.image.Api;
import dev.gantry.image.TestImage;
import dev.gantry.image.registry.TestRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Registries that refuse, want a name, or are slow. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class RegistryFailuresIT {
    private final TestRegistry registry = new TestRegistry();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void refusals_are_told_in_dockers_words() {
        String name = registry.name("x");
        assertRefused(401, "UNAUTHORIZED", 500, "unauthorized: because");
        assertRefused(
                403,
                "DENIED",
                404,
                "pull access denied for " + name
                        + ", repository does not exist or may require 'docker login': denied: because");
        assertRefused(404, "MANIFEST_UNKNOWN", 404, "manifest for " + name + ":1 not found: manifest unknown: because");
        assertRefused(404, "NAME_UNKNOWN", 404, "repository " + name + " not found: name unknown: because");
        assertRefused(429, "TOOMANYREQUESTS", 500, "toomanyrequests: because");
        assertRefused(500, "UNKNOWN", 500, "received unexpected HTTP status: 500 Internal Server Error");
        registry.on(
                "/v2/x/manifests/1",
                exchange -> TestRegistry.send(exchange, 403, "text/plain", TestImage.bytes("plain text")));
        assertEquals(
                "error parsing HTTP 403 response body: invalid character 'p' looking for beginning of value:"
                        + " \"plain text\"",
                Api.pull(name, "1").message());
    }

    @Test
    void a_registry_that_is_not_there_is_named() {
        String name = registry.name("x");
        registry.close();
        String authority = name.substring(0, name.indexOf('/'));

        assertEquals(
                "Get \"http://" + authority + "/v2/\": dial tcp " + authority + ": connect: connection refused",
                Api.pull(name, "1").message());
    }

    @Test
    void a_manifest_that_does_not_fit_its_digest_is_refused() {
        registry.image("x", "1", TestImage.of("manifest"));
        String other = "sha256:" + "1".repeat(64);
        registry.document(
                "/v2/x/manifests/" + other, "application/vnd.oci.image.manifest.v1+json", TestImage.bytes("{}"));

        assertEquals(
                "manifest verification failed for digest " + other,
                Api.pull(registry.name("x"), other).message());
    }

    @Test
    void basic_credentials_are_sent_when_asked_for() {
        registry.image("x", "1", TestImage.of("basic"));
        String expected = "Basic " + Base64.getEncoder().encodeToString(TestImage.bytes("me:secret"));
        registry.guard(exchange -> {
            boolean known = expected.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (!known) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"here\"");
                TestRegistry.error(401, "UNAUTHORIZED", "authentication required")
                        .to(exchange);
            }
            return known;
        });

        assertTrue(Api.pull(registry.name("x"), "1").message().endsWith("no basic auth credentials"));
        assertEquals(
                "unauthorized: authentication required",
                Api.pull(registry.name("x"), "1", "X-Registry-Auth", auth("me", "wrong"))
                        .message());
        assertEquals(
                200,
                Api.pull(registry.name("x"), "1", "X-Registry-Auth", auth("me", "secret"))
                        .status());
    }

    @Test
    void a_token_is_fetched_once_and_sent() {
        registry.image("x", "1", TestImage.of("token", "bearer"));
        AtomicInteger tokens = new AtomicInteger();
        registry.on("/token", exchange -> {
            tokens.incrementAndGet();
            boolean asked = exchange.getRequestURI().getQuery().contains("scope=repository:x:pull")
                    && exchange.getRequestURI().getQuery().contains("service=test");
            TestRegistry.send(exchange, 200, "application/json", TestImage.bytes(asked ? "{\"token\":\"t0\"}" : "{}"));
        });
        registry.guard(exchange -> {
            boolean known = exchange.getRequestURI().getPath().equals("/token")
                    || "Bearer t0".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (!known) {
                exchange.getResponseHeaders()
                        .set("WWW-Authenticate", "Bearer realm=\"" + registry.url("/token") + "\",service=\"test\"");
                TestRegistry.error(401, "UNAUTHORIZED", "authentication required")
                        .to(exchange);
            }
            return known;
        });

        Api.Answer pulled = Api.pull(registry.name("x"), "1");

        assertEquals(200, pulled.status(), pulled.body());
        assertEquals(1, tokens.get());
    }

    @Test
    void a_client_that_hangs_up_ends_the_transfer_and_leaves_nothing() throws Exception {
        List<String> before = Api.blobs();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cut = new CountDownLatch(1);
        slow("x", TestImage.of("slow"), begun, cut);

        Api.RunningPull client = Api.beginPull(registry.name("x"), "1");
        assertTrue(begun.await(20, TimeUnit.SECONDS));
        client.hangUp();

        assertTrue(cut.await(20, TimeUnit.SECONDS), "the registry still has a reader");
        await(() -> Api.staging().isEmpty() && Api.blobs().equals(before));
    }

    @Test
    void pulls_of_one_layer_share_its_download_and_outlive_each_other() throws Exception {
        TestImage image = TestImage.of("shared download");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        registry.image("x", "1", image);
        byte[] blob = TestRegistry.gzip(image.layers().getFirst());
        String path = "/v2/x/blobs/" + Digest.of(blob);
        registry.on(path, exchange -> {
            exchange.sendResponseHeaders(200, blob.length);
            exchange.getResponseBody().write(blob, 0, 1);
            exchange.getResponseBody().flush();
            begun.countDown();
            await(go);
            exchange.getResponseBody().write(blob, 1, blob.length - 1);
        });

        Api.RunningPull first = Api.beginPull(registry.name("x"), "1");
        assertTrue(begun.await(20, TimeUnit.SECONDS));
        Api.RunningPull second = Api.beginPull(registry.name("x"), "1");
        await(() -> second.says("Downloading"));
        first.hangUp();
        // That the service has noticed it shows nowhere.
        Thread.sleep(200);
        go.countDown();

        Api.Answer answer = second.answer();
        assertEquals(200, answer.status());
        assertTrue(answer.statuses().getLast().startsWith("Status: "), answer.body());
        assertEquals(
                1, registry.requests().stream().filter(("GET " + path)::equals).count());
    }

    private void slow(String repository, TestImage image, CountDownLatch begun, CountDownLatch cut) {
        registry.image(repository, "1", image);
        byte[] blob = TestRegistry.gzip(image.layers().getFirst());
        registry.on("/v2/" + repository + "/blobs/" + Digest.of(blob), exchange -> trickle(exchange, blob, begun, cut));
    }

    private static void trickle(HttpExchange exchange, byte[] blob, CountDownLatch begun, CountDownLatch cut)
            throws IOException {
        exchange.sendResponseHeaders(200, blob.length);
        begun.countDown();
        try {
            for (byte each : blob) {
                exchange.getResponseBody().write(each);
                exchange.getResponseBody().flush();
                // So slow is this registry.
                Thread.sleep(200);
            }
        } catch (IOException e) {
            cut.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assertRefused(int status, String code, int expectedStatus, String expected) {
        registry.on("/v2/x/manifests/1", TestRegistry.error(status, code, "because"));

        Api.Answer answer = Api.pull(registry.name("x"), "1");

        assertEquals(expected, answer.message());
        assertEquals(expectedStatus, answer.status());
    }

    private static String auth(String username, String password) {
        String json = "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(username, password);
        return Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 200 && !condition.getAsBoolean(); i++) {
            Thread.sleep(100);
        }
        assertTrue(condition.getAsBoolean());
    }
}
