package dev.gantry.gateway.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.engine.system.RegistryAuth;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RegistryLoginTest {
    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<Void> hungUp = new CompletableFuture<>();
    private String challenge = "Basic realm=\"registry\"";
    private boolean endless;
    private String registry;

    @BeforeEach
    void start() throws Exception {
        registry = "127.0.0.1:"
                + await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"))
                        .actualPort();
    }

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }

    private void answer(HttpServerRequest request) {
        String authorization = String.valueOf(request.getHeader("Authorization"));
        if (endless) {
            request.response().setChunked(true).closeHandler(hungUp::complete);
            goOn(request.response());
        } else if (request.path().equals("/token")) {
            boolean right = authorization.equals("Basic bWU6c2VjcmV0w6k=")
                    && request.query().equals("a=b&account=me&client_id=docker&service=the+registry");
            request.response().setStatusCode(right ? 200 : 401).end("{\"access_token\":\"t0ken\"}");
        } else if (authorization.equals("Basic bWU6c2VjcmV0w6k=") || authorization.equals("Bearer t0ken")) {
            request.response().end("{}");
        } else {
            request.response()
                    .setStatusCode(401)
                    .putHeader("WWW-Authenticate", challenge)
                    .end();
        }
    }

    private static void goOn(HttpServerResponse response) {
        response.write(Buffer.buffer(new byte[32 * 1024])).onSuccess(_ -> goOn(response));
    }

    private void login(String password) {
        new RegistryLogin(vertx, new RegistrySettings(new SmallRyeConfigBuilder().build()))
                .check(new RegistryAuth("me", password, registry, null))
                .await()
                .indefinitely();
    }

    @Test
    void password_is_what_the_registry_asks_for() {
        login("secret\u00e9");

        EngineError.Unauthorized refusal = assertThrows(EngineError.Unauthorized.class, () -> login("wrong"));
        assertEquals(
                "login attempt to http://" + registry + "/v2/ failed with status: 401 Unauthorized",
                refusal.getMessage());
    }

    @Test
    void token_is_bought_with_the_password() {
        challenge = "Bearer realm=\"http://" + registry + "/token?a=b\",service=\"the registry\"";

        login("secret\u00e9");

        EngineError.Unauthorized refusal = assertThrows(EngineError.Unauthorized.class, () -> login("wrong"));
        assertTrue(refusal.getMessage().endsWith("unauthorized: incorrect username or password"));
    }

    @Test
    void answer_without_end_is_not_read_to_its_end() throws Exception {
        endless = true;

        EngineError.Failed failure = assertThrows(EngineError.Failed.class, () -> login("secret"));

        assertEquals("Get \"http://" + registry + "/v2/\": the registry cannot be reached", failure.getMessage());
        hungUp.get(15, TimeUnit.SECONDS);
    }
}
