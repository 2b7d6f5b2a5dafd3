package dev.gantry.container.report;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SetAsideIT extends ServiceTest {
    @Inject
    Pool database;

    private long aside() {
        return database.query("select count(*) from container.reports_aside")
                .executeAndAwait()
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void report_that_cannot_be_stored_holds_up_none_behind_it() throws Exception {
        long before = aside();
        String broken = create("broken", "\"sleep\"");
        String whole = create("whole", "\"sleep\"");
        post("/containers/broken/start").statusCode(204);
        post("/containers/whole/start").statusCode(204);

        agent.endUnreadably(broken);
        agent.end(whole, 7, false);

        eventually("the later report is applied", () -> get("/containers/whole/json")
                .extract()
                .<Integer>path("State.ExitCode")
                .equals(7));
        assertThat(aside(), equalTo(before + 1));
    }
}
