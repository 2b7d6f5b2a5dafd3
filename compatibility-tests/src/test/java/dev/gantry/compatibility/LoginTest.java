package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code docker login} at a registry with passwords, and what it opens. */
@EndpointTest
class LoginTest {
    private static LoopbackRegistry registry;

    @BeforeAll
    static void startRegistry() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        registry = LoopbackRegistry.startProtected();
    }

    @AfterAll
    static void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    void a_wrong_password_is_refused(Docker docker) {
        docker.call("login", "-u", LoopbackRegistry.USER, "-p", "wrong", registry.host())
                .exits(1)
                .saysError("login attempt to http://" + registry.host() + "/v2/ failed with status: 401 Unauthorized");
    }

    @Test
    void the_api_tells_refused_from_accepted(Engine engine) {
        Engine.Answer wrong = auth(engine, "wrong");
        Engine.Answer right = auth(engine, LoopbackRegistry.PASSWORD).is(200);

        assertEquals("Login Succeeded", right.json().path("Status").asText());
        assertEquals("", right.json().path("IdentityToken").asText());
        assertEquals(
                "login attempt to http://" + registry.host() + "/v2/ failed with status: 401 Unauthorized",
                wrong.message());
        // The API's description says 401; dockerd 20.10 answers 500.
        assertTrue(List.of(401, 500).contains(wrong.status()), wrong::body);
    }

    private static Engine.Answer auth(Engine engine, String password) {
        return engine.post(
                "/auth",
                "{\"username\":\"%s\",\"password\":\"%s\",\"serveraddress\":\"%s\"}"
                        .formatted(LoopbackRegistry.USER, password, registry.host()));
    }

    @Test
    void pull_and_push_need_the_login(Docker docker) {
        String reference = registry.reference("private/" + docker.name("image"), "1");
        docker.removeLater(reference);
        docker.ok("tag", Images.BUSYBOX, reference);

        docker.call("push", reference).exits(1).saysError("no basic auth credentials");
        docker.call("login", "-u", LoopbackRegistry.USER, "-p", LoopbackRegistry.PASSWORD, registry.host())
                .exits(0);
        try {
            docker.ok("push", reference);
            docker.ok("rmi", reference);
            assertTrue(docker.ok("pull", reference).contains(reference));
        } finally {
            docker.ok("logout", registry.host());
        }
        docker.ok("rmi", reference);
        docker.call("pull", reference).exits(1).saysError("no basic auth credentials");
    }
}
