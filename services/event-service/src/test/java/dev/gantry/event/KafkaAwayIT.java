package dev.gantry.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.embedded.Durability;
import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.service.database.DatabaseOptions;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.outbox.Outbox;
import dev.gantry.service.outbox.OutboxRelay;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.Config;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay and a broker of its own that goes away and comes back. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class KafkaAwayIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    Pool database;

    @Inject
    Mutiny.SessionFactory sessions;

    @Inject
    ObjectMapper json;

    @Inject
    Vertx vertx;

    @Inject
    Config config;

    @Test
    void facts_wait_in_the_outbox_and_arrive_in_order(@TempDir Path directory) throws Throwable {
        database.query("create schema away").executeAndAwait();
        database.query("create table away.outbox (position bigserial primary key, id uuid not null unique,"
                        + " topic text not null, subject text not null, event text not null,"
                        + " created_at timestamptz not null default now())")
                .executeAndAwait();
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.FAST);
        Map<String, Object> access = kafka.client();
        OutboxRelay relay = new OutboxRelay(vertx, DatabaseOptions.from(config), access, "away");
        OutboxRelay second = new OutboxRelay(vertx, DatabaseOptions.from(config), access, "away");
        relay.start();
        second.start();
        happen(0);
        awaitRows(0);

        kafka.close();
        for (int i = 1; i < 20; i++) {
            Instant begin = Instant.now();
            happen(i);
            assertTrue(Duration.between(begin, Instant.now()).toSeconds() < 5, "a command waited for Kafka");
        }
        // Time for attempts of the relays, of which none may take a row away.
        Thread.sleep(1500);
        awaitRows(19);
        relay.stop();
        kafka = EmbeddedKafka.start(directory, Durability.FAST);
        awaitRows(0);

        List<String> expected = IntStream.range(0, 20).mapToObj(i -> "n" + i).toList();
        assertEquals(expected, consume(access).stream().distinct().toList());
        second.stop();
        kafka.close();
    }

    private void happen(int number) throws Throwable {
        Fact fact = Fact.of("container", "create", "same", Map.of("n", "n" + number), "");
        VertxContextSupport.subscribeAndAwait(
                () -> sessions.withTransaction(session -> new Outbox("away", json).append(session, fact)));
    }

    private void awaitRows(int wanted) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        long rows = -1;
        while (rows != wanted) {
            assertTrue(Instant.now().isBefore(end), rows + " rows in the outbox");
            rows = database.query("select count(*) from away.outbox")
                    .executeAndAwait()
                    .iterator()
                    .next()
                    .getLong(0);
            Thread.sleep(50);
        }
    }

    private List<String> consume(Map<String, Object> access) throws Exception {
        Map<String, Object> settings = new HashMap<>(access);
        settings.put("group.id", "test");
        settings.put("auto.offset.reset", "earliest");
        List<String> seen = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("gantry.containers"));
            Instant end = Instant.now().plus(PATIENCE);
            while (!seen.contains("n19") && Instant.now().isBefore(end)) {
                for (var received : consumer.poll(Duration.ofMillis(200))) {
                    seen.add(json.readTree(received.value())
                            .at("/data/attributes/n")
                            .asText());
                }
            }
        }
        return seen;
    }
}
