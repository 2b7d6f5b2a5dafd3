package dev.gantry.cluster;

import static io.restassured.RestAssured.given;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.service.testing.PeerCertificates;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Hosts on other machines: they and the service know each other by their certificates. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
@QuarkusTestResource(value = PeerCertificates.class, restrictToAnnotatedClass = true)
class HostCertificatesIT {
    private static final String ADDRESS = "https://localhost:9999";

    @Test
    void a_host_belongs_to_the_certificate_that_registered_it() throws Exception {
        assertEquals("204", host("host-b", "host-b").register(ADDRESS));

        assertEquals(
                "403 {\"message\":\"host host-b belongs to another certificate than CN=host-x\"}",
                host("host-b", "host-x").register(ADDRESS));
        assertEquals("204", host("host-b", "host-b").register(ADDRESS));
    }

    @Test
    void a_host_on_our_own_machine_cannot_be_claimed_from_another() throws Exception {
        TestAgent local = new TestAgent("host-1", "http://127.0.0.1:" + RestAssured.port, null);
        assertEquals("204", local.register("unix:///run/agent.sock"));

        assertThat(host("host-1", "host-x").register(ADDRESS), startsWith("403 "));
    }

    @Test
    void an_address_that_other_machines_cannot_use_is_refused() throws Exception {
        assertThat(
                host("host-c", "host-c").register("unix:///run/agent.sock"),
                containsString("it must be https://host:port"));
    }

    @Test
    void strangers_cannot_register() throws Exception {
        PeerTls ours = PeerCertificates.ours.issue("host-d");
        PeerTls theirs = new Certificates(PeerCertificates.directory, "theirs").issue("host-d");
        PeerTls stranger = new PeerTls(theirs.certificate(), theirs.key(), ours.authority());

        TestAgent impostor = new TestAgent("host-d", control(), Certificates.context(stranger));
        TestAgent anonymous = new TestAgent("host-d", control(), Certificates.anonymous(ours));

        assertThrows(IOException.class, () -> impostor.register(ADDRESS));
        assertThrows(IOException.class, () -> anonymous.register(ADDRESS));
        given().get("/internal/cluster-service/hosts/host-d").then().statusCode(404);
    }

    private static TestAgent host(String id, String certificate) throws Exception {
        SSLContext context = Certificates.context(PeerCertificates.ours.issue(certificate));
        return new TestAgent(id, control(), context);
    }

    private static String control() {
        return "https://localhost:" + PeerCertificates.port;
    }
}
