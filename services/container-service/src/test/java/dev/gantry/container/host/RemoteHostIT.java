package dev.gantry.container.host;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.container.fake.FakeAgent;
import dev.gantry.container.fake.FakeHosts;
import dev.gantry.container.fake.RawConnection;
import dev.gantry.container.fake.ServiceTest;
import dev.gantry.service.testing.PeerCertificates;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hosts on other machines: they and the service know each other by their certificates. */
@QuarkusTest
@QuarkusTestResource(value = PeerCertificates.class, restrictToAnnotatedClass = true)
class RemoteHostIT extends ServiceTest {
    private static final String[] OTHERS = {"host-a", "host-b"};

    @Inject
    Pool database;

    /** The tests that follow shall not be placed on these. */
    @AfterEach
    void forgetHosts() {
        for (String other : OTHERS) {
            FakeHosts.forget(other);
        }
        database.query("delete from container.containers where host_id <> 'host-1'")
                .execute()
                .await()
                .atMost(Duration.ofSeconds(20));
    }

    @Test
    void containers_run_on_a_host_that_is_reached_with_certificates() throws Exception {
        try (FakeAgent remote = host("host-a", "host-a")) {
            remote.register();
            // Busier than the other, which the next one is placed on.
            create("near", "\"sleep\"");
            post("/containers/near/start").statusCode(204);
            String id = create("far", "\"hi\"");
            assertTrue(remote.containers().containsKey(id));
            try (RawConnection attach = RawConnection.open()) {
                attach.upgrade("POST", "/containers/far/attach?stream=1&stdout=1&stderr=1", "");
                assertThat(attach.head(), startsWith("HTTP/1.1 101 UPGRADED"));
                post("/containers/far/start").statusCode(204);
                assertThat(attach.rest(), containsString("hi\n"));
            }
            post("/containers/far/wait").statusCode(200);
            delete("/containers/" + id).statusCode(204);
        }
    }

    @Test
    void a_host_reports_with_its_own_certificate_only() throws Exception {
        try (FakeAgent first = host("host-b", "host-b");
                FakeAgent impostor = host("host-b", "host-x")) {
            first.register();

            var report = assertThrows(IllegalStateException.class, impostor::reportNothing);
            assertEquals(
                    "403 {\"message\":\"host host-b belongs to another certificate than CN=host-x\"}",
                    report.getMessage().strip());
            assertThat(
                    assertThrows(IllegalStateException.class, impostor::compare).getMessage(), startsWith("403 "));
            first.reportNothing();
            first.compare();
        }
    }

    @Test
    void a_host_may_only_ask_what_agents_need() throws Exception {
        SSLContext host = Certificates.context(PeerCertificates.ours.issue("host-e"));
        SSLContext service = Certificates.context(PeerCertificates.ours.issue("service"));

        assertEquals(403, status(host, "/containers/json"));
        assertEquals(403, status(host, "/internal/container-service/containers/counts"));
        assertEquals(200, status(service, "/containers/json"));
    }

    private static FakeAgent host(String id, String certificate) throws Exception {
        return new FakeAgent(id, PeerCertificates.ours.issue(certificate), "CN=" + certificate, control());
    }

    private static String control() {
        return "https://localhost:" + PeerCertificates.port;
    }

    private static int status(SSLContext context, String path) throws Exception {
        try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(control() + path)).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
