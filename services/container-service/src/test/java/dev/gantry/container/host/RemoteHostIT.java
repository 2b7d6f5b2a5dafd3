package dev.gantry.container.host;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.container.fake.FakeAgent;
import dev.gantry.container.fake.RawConnection;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
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
    private static final String HOSTS = "/internal/container-service/hosts/";

    @Inject
    Pool database;

    /** Hosts cannot be removed by a call, and the tests that follow shall not be placed on these. */
    @AfterEach
    void forgetHosts() {
        sql("delete from container.containers where host_id <> 'host-1'");
        sql("delete from container.hosts where id <> 'host-1'");
    }

    private void sql(String statement) {
        database.query(statement).execute().await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void containers_run_on_a_host_that_is_reached_with_certificates() throws Exception {
        try (FakeAgent remote = host("host-a", "host-a")) {
            remote.register();
            get("/internal/container-service/hosts/host-a").statusCode(200);
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
    void a_host_belongs_to_the_certificate_that_registered_it() throws Exception {
        try (FakeAgent first = host("host-b", "host-b");
                FakeAgent impostor = host("host-b", "host-x")) {
            first.register();

            var error = assertThrows(IllegalStateException.class, impostor::register);
            assertEquals(
                    "403 {\"message\":\"host host-b belongs to another certificate than CN=host-x\"}",
                    error.getMessage().strip());
            var report = assertThrows(IllegalStateException.class, impostor::reportNothing);
            assertThat(report.getMessage(), startsWith("403 "));
            first.reportNothing();
            first.register();
        }
    }

    @Test
    void a_host_on_our_own_machine_cannot_be_claimed_from_another() throws Exception {
        try (FakeAgent impostor = host(FakeAgent.HOST, "host-x")) {
            assertThat(
                    assertThrows(IllegalStateException.class, impostor::register)
                            .getMessage(),
                    startsWith("403 "));
        }
    }

    @Test
    void an_address_that_other_machines_cannot_use_is_refused() throws Exception {
        try (FakeAgent remote = host("host-c", "host-c")) {
            var error = assertThrows(IllegalStateException.class, () -> remote.register("unix:///run/agent.sock"));
            assertThat(error.getMessage(), containsString("it must be https://host:port"));
        }
    }

    @Test
    void strangers_can_neither_register_nor_ask() throws Exception {
        PeerTls ours = PeerCertificates.ours.issue("host-d");
        PeerTls theirs = new Certificates(PeerCertificates.directory, "theirs").issue("host-d");
        PeerTls stranger = new PeerTls(theirs.certificate(), theirs.key(), ours.authority());
        try (FakeAgent agent = new FakeAgent("host-d", stranger, control())) {
            assertThrows(UncheckedIOException.class, agent::register);
        }
        assertThrows(java.io.IOException.class, () -> status(Certificates.anonymous(ours), HOSTS));
        get(HOSTS + "host-d").statusCode(404);
    }

    @Test
    void a_host_may_only_ask_what_agents_need() throws Exception {
        SSLContext host = Certificates.context(PeerCertificates.ours.issue("host-e"));
        SSLContext service = Certificates.context(PeerCertificates.ours.issue("service"));

        assertEquals(403, status(host, "/containers/json"));
        assertEquals(403, status(host, "/internal/container-service/hosts"));
        assertEquals(200, status(service, "/containers/json"));
    }

    private static FakeAgent host(String id, String certificate) throws Exception {
        return new FakeAgent(id, PeerCertificates.ours.issue(certificate), control());
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
