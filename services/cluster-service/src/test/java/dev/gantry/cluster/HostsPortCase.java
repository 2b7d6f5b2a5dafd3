package dev.gantry.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.testing.HostsContract;
import io.restassured.RestAssured;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** The service that the contract is run on. What an implementation is, subclasses say. */
abstract class HostsPortCase extends HostsContract {
    @Inject
    Hosts hosts;

    @Inject
    Pool database;

    @Inject
    TestContainers containers;

    @Override
    protected Hosts hosts() {
        return hosts;
    }

    @Override
    protected void known(String hostId, String address, long load) throws Exception {
        containers.run(hostId, load);
        assertEquals("204", new TestAgent(hostId, "http://127.0.0.1:" + RestAssured.port, null).register(address));
    }

    @AfterEach
    void forgetHosts() {
        database.query("delete from cluster.hosts").execute().await().atMost(Duration.ofSeconds(20));
    }
}
