package dev.gantry.container.image;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.gantry.container.fake.FakeAgent;
import dev.gantry.container.fake.ServiceTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PendingSnapshotsIT extends ServiceTest {
    @Inject
    PendingSnapshots pending;

    @Inject
    Pool database;

    private long waiting() {
        return database.query("select count(*) from container.snapshots_to_delete")
                .executeAndAwait()
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void host_that_cannot_delete_now_is_asked_again_in_the_same_order() throws Throwable {
        agent.breakVerb("delete snapshot");
        VertxContextSupport.subscribeAndAwait(() -> pending.add(List.of("top", "base")));
        eventually("it was asked", () -> agent.calls().contains("delete snapshot top"));
        assertThat(waiting(), equalTo(2L));

        agent.mend();
        eventually("nothing is left to delete", () -> waiting() == 0);

        List<String> asked = agent.calls().stream()
                .filter(call -> call.startsWith("delete snapshot"))
                .toList();
        assertThat(asked.getLast(), equalTo("delete snapshot base"));
        assertThat(asked.get(asked.size() - 2), equalTo("delete snapshot top"));
    }

    @Test
    void what_is_needed_when_its_turn_comes_stays() throws Throwable {
        VertxContextSupport.subscribeAndAwait(() -> pending.add(List.of("needed", "free")));
        database.query("insert into container.snapshots_to_delete (host_id, chain_id) values ('" + FakeAgent.HOST
                        + "', 'again needed')")
                .executeAndAwait();
        eventually("nothing is left to delete", () -> waiting() == 0);

        assertThat(agent.calls(), hasItem("delete snapshot free"));
        assertThat(agent.calls(), not(hasItem(endsWith("needed"))));
    }
}
