package dev.gantry.container;

import static io.restassured.RestAssured.given;

import dev.gantry.container.fake.ServiceTest;
import dev.gantry.engine.principal.Principal;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Facts tell who asked, whichever way the host's report of it comes and whoever finishes it. */
@QuarkusTest
class ActorIT extends ServiceTest {
    private static final String ASKER = new Principal.LocalPeer(7, 8, 9).text();

    @Inject
    Pool database;

    /** Facts leave the outbox as soon as they are published. */
    @BeforeEach
    void keepFacts() {
        run("create table container.told (event json)");
        run("create function container.tell() returns trigger language plpgsql as"
                + " $$ begin insert into container.told values (new.event::json); return new; end $$");
        run("create trigger tell after insert on container.outbox for each row execute function container.tell()");
    }

    @AfterEach
    void forgetFacts() {
        run("drop trigger tell on container.outbox");
        run("drop function container.tell()");
        run("drop table container.told");
    }

    @Test
    void whatHostsReportWasAskedFor() throws Exception {
        String id = create("asked", "\"sleep\"");
        ask("/containers/asked/start");
        ask("/containers/asked/pause");
        ask("/containers/asked/unpause");

        eventually("told", () -> askers(id)
                .equals(Map.of("create", "", "start", ASKER, "pause", ASKER, "unpause", ASKER)));
    }

    @Test
    void startWhoseReportOvertakesItsAnswer() throws Exception {
        String id = create("overtaken", "\"sleep\", \"overtaken\"");
        ask("/containers/overtaken/start");

        eventually("told", () -> askers(id).equals(Map.of("create", "", "start", ASKER)));
    }

    @Test
    void whatACrashedReplicaLeftIsFinishedForWhoAsked() throws Exception {
        String started = create("started", "\"sleep\"");
        String removed = create("removed", "\"sleep\"");
        crashed(started, "start", "running");
        crashed(removed, "remove", "removed");

        eventually("told", () -> askers(started).equals(Map.of("create", "", "start", ASKER)));
        eventually("told", () -> askers(removed).equals(Map.of("create", "", "destroy", ASKER)));
    }

    private void crashed(String id, String operation, String desired) {
        run("update container.containers set operation = '" + operation + "', operation_owner = 1, operation_actor = '"
                + ASKER + "', operation_id = gen_random_uuid(), desired = '" + desired + "' where id = '" + id + "'");
    }

    private static void ask(String path) {
        given().header(Principal.HEADER, ASKER).post(path).then().statusCode(204);
    }

    private Map<String, String> askers(String id) {
        Map<String, String> askers = new TreeMap<>();
        database.query("select event #>> '{data,action}', coalesce(event ->> 'actor', '') from container.told"
                        + " where event ->> 'subject' = '" + id + "'")
                .executeAndAwait()
                .forEach(row -> askers.put(row.getString(0), row.getString(1)));
        return askers;
    }

    private void run(String statement) {
        database.query(statement).executeAndAwait();
    }
}
