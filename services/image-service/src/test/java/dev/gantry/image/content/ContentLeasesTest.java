package dev.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ContentLeasesTest {
    @Test
    void a_lease_that_waits_for_a_deletion_goes_on_where_it_waited() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            ContentLeases leases = new ContentLeases();
            assertTrue(leases.beginDelete("blob"));
            Context own = vertx.getOrCreateContext();
            CompletableFuture<Void> waiting = new CompletableFuture<>();
            CompletableFuture<Context> resumed = new CompletableFuture<>();

            own.runOnContext(ignored -> {
                leases.open()
                        .hold("blob")
                        .subscribe()
                        .with(held -> resumed.complete(Vertx.currentContext()), resumed::completeExceptionally);
                waiting.complete(null);
            });
            waiting.get(10, TimeUnit.SECONDS);
            leases.endDelete("blob");

            assertSame(own, resumed.get(10, TimeUnit.SECONDS));
        } finally {
            vertx.close();
        }
    }
}
