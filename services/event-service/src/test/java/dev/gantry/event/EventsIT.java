package dev.gantry.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.embedded.testing.EmbeddedServices;
import dev.gantry.engine.principal.Actor;
import dev.gantry.service.fact.CloudEvent;
import dev.gantry.service.fact.Fact;
import dev.gantry.service.outbox.Outbox;
import dev.gantry.service.outbox.OutboxRelay;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From an outbox through the relay and Kafka into the log and out to subscribers. */
@QuarkusTest
@QuarkusTestResource(EmbeddedServices.class)
class EventsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static OutboxRelay relay;

    @TestHTTPResource("/events")
    URI events;

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

    private Outbox outbox;

    @BeforeEach
    void probe() throws Exception {
        outbox = new Outbox("probe", json);
        if (relay == null) {
            sql("create schema probe");
            sql("create table probe.outbox (position bigserial primary key, id uuid not null unique, topic text"
                    + " not null, subject text not null, event text not null, created_at timestamptz not null"
                    + " default now())");
            relay = OutboxRelay.of(vertx, config, "probe");
            relay.start();
            awaitFirstEvent();
        }
    }

    @AfterAll
    static void stop() {
        relay.stop();
        relay = null;
    }

    @Test
    void what_the_broker_finds_too_large_arrives_shortened_and_holds_nothing_up() throws Exception {
        try (Subscriber subscriber = subscribe("")) {
            String huge = json.writeValueAsString(CloudEvent.of(
                    "/test", null, Fact.of("container", "huge", "c1", Map.of("label", "x".repeat(2_000_000)), "h")));
            database.preparedQuery("insert into probe.outbox (id, topic, subject, event) values ($1, $2, $3, $4)")
                    .executeAndAwait(Tuple.of(UUID.randomUUID(), "gantry.containers", "c1", huge));
            happen(Fact.of("container", "behind", "c2", Map.of(), "h"));
            happen(Fact.of("container", "large", "c3", Map.of("name", "web", "label", "y".repeat(1_200_000)), "h"));

            Map<String, JsonNode> arrived = new HashMap<>();
            for (int i = 0; i < 3; i++) {
                JsonNode event = subscriber.next();
                arrived.put(event.get("Action").asText(), event.at("/Actor/Attributes"));
            }

            assertEquals("{}", arrived.get("behind").toString());
            assertEquals("web", arrived.get("large").get("name").asText());
            assertTrue(arrived.get("large").has("dev.gantry.shortened"));
            assertTrue(arrived.get("huge").has("dev.gantry.shortened"));
        }
    }

    @Test
    void a_fact_reaches_a_live_subscriber_in_dockers_shape() throws Exception {
        try (Subscriber subscriber = subscribe("")) {
            Fact fact = Fact.of("container", "start", "c1", Map.of("name", "web", "image", "busybox"), "h");
            happen(fact);

            JsonNode event = subscriber.next();
            assertEquals("start", event.get("status").asText());
            assertEquals("c1", event.get("id").asText());
            assertEquals("busybox", event.get("from").asText());
            assertEquals("container", event.get("Type").asText());
            assertEquals("start", event.get("Action").asText());
            assertEquals("web", event.at("/Actor/Attributes/name").asText());
            assertEquals("local", event.get("scope").asText());
            assertEquals(fact.at().getEpochSecond(), event.get("time").asLong());
            assertEquals(Nanos.of(fact.at()), event.get("timeNano").asLong());
        }
    }

    @Test
    void who_asked_is_kept_in_the_log_and_not_shown() throws Exception {
        String actor = "local uid=1000 gid=998 pid=4242";
        try (Subscriber subscriber = subscribe("")) {
            happen(actor, Fact.of("volume", "create", "asked", Map.of(), ""));
            happen(Fact.of("volume", "destroy", "asked", Map.of(), ""));

            JsonNode event = subscriber.next();
            assertEquals("asked", event.at("/Actor/ID").asText());
            assertFalse(event.toString().contains("uid="), event.toString());
            subscriber.next();
        }
        List<String> actors = new ArrayList<>();
        database.query("select actor from event.entry where subject = 'asked' order by number")
                .execute()
                .await()
                .atMost(PATIENCE)
                .forEach(row -> actors.add(row.getString(0)));
        assertEquals(Arrays.asList(actor, null), actors);
    }

    @Test
    void a_repeated_fact_is_seen_once() throws Exception {
        try (Subscriber subscriber = subscribe("")) {
            Fact fact = Fact.of("volume", "create", "repeated", Map.of(), "");
            happen(fact);
            assertEquals("repeated", subscriber.next().at("/Actor/ID").asText());

            awaitEmptyOutbox();
            happen(fact);
            happen(Fact.of("volume", "create", "after", Map.of(), ""));

            assertEquals("after", subscriber.next().at("/Actor/ID").asText());
        }
    }

    @Test
    void history_and_live_events_join_without_gap_or_repeat_in_order() throws Exception {
        Instant since = Instant.now();
        int before = 1500;
        int after = 1500;
        Thread writer = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < before + after; i += 50) {
                int first = i;
                happen(IntStream.range(first, first + 50)
                        .mapToObj(n -> Fact.of("network", "connect", "joined", Map.of("n", String.valueOf(n)), ""))
                        .toArray(Fact[]::new));
            }
        });

        List<Integer> seen = new ArrayList<>();
        try (Subscriber subscriber = subscribe("?since=" + seconds(since))) {
            while (seen.size() < before + after) {
                JsonNode event = subscriber.next();
                if (event.at("/Actor/ID").asText().equals("joined")) {
                    seen.add(event.at("/Actor/Attributes/n").asInt());
                }
            }
        }
        writer.join();

        assertEquals(IntStream.range(0, before + after).boxed().toList(), seen);
    }

    @Test
    void a_bounded_span_ends_and_has_all_that_happened_in_it() throws Exception {
        Instant since = Instant.now();
        happen(Fact.of("image", "pull", "bounded:1", Map.of("name", "bounded"), ""));
        happen(Fact.of("image", "tag", "bounded:1", Map.of("name", "bounded"), ""));

        List<String> actions = read("?since=" + seconds(since) + "&until=" + seconds(Instant.now()) + "&filters="
                        + encoded("{\"image\":[\"bounded\"]}"))
                .map(event -> event.get("Action").asText())
                .toList();

        assertEquals(List.of("pull", "tag"), actions);
    }

    @Test
    void a_span_that_ends_now_has_what_was_committed_just_before() throws Exception {
        Instant since = Instant.now();
        for (int round = 1; round <= 3; round++) {
            happen(IntStream.range(0, 1500)
                    .mapToObj(n -> Fact.of("volume", "mount", "many", Map.of("n", String.valueOf(n)), ""))
                    .toArray(Fact[]::new));
            happen(Fact.of("container", "create", "many", Map.of(), ""));

            long found = read("?since=" + seconds(since) + "&until=" + seconds(Instant.now()))
                    .filter(event -> event.at("/Actor/ID").asText().equals("many"))
                    .count();

            assertEquals(1501L * round, found);
        }
    }

    @Test
    void headers_are_there_before_any_event() throws Exception {
        try (Subscriber subscriber = subscribe("?filters=" + encoded("{\"event\":[\"never\"]}"))) {
            assertEquals("application/json", subscriber.contentType);
        }
    }

    /** Not an assertion on the figure, which depends on the machine: dockerd needs 2.7 ms where this takes less. */
    @Test
    void latency_from_commit_to_subscriber_is_printed() throws Exception {
        List<Long> micros = new ArrayList<>();
        try (Subscriber subscriber = subscribe("")) {
            for (int i = 0; i < 300; i++) {
                long begin = System.nanoTime();
                happen(Fact.of("container", "rename", "timed", Map.of(), ""));
                subscriber.next();
                micros.add((System.nanoTime() - begin) / 1000);
            }
        }
        micros.sort(null);
        System.out.printf("rename to event: p50 %d us, p95 %d us%n", micros.get(150), micros.get(285));
    }

    @Test
    void bad_parameters_are_refused() throws Exception {
        assertEquals(400, status("?filters=" + encoded("{\"bogus\":[\"x\"]}")));
        assertEquals(400, status("?filters=bad"));
        assertEquals(400, status("?since=abc"));
        assertEquals(400, status("?since=5&until=1"));
    }

    private void happen(Fact... facts) {
        happen(null, facts);
    }

    private void happen(String actor, Fact... facts) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> sessions.withTransaction(session -> {
                Actor.note(actor);
                Uni<Void> all = Uni.createFrom().voidItem();
                for (Fact fact : facts) {
                    all = all.chain(() -> outbox.append(session, fact));
                }
                return all;
            }));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Topics are made and partitions assigned in the first seconds. */
    private void awaitFirstEvent() throws Exception {
        try (Subscriber subscriber = subscribe("")) {
            for (String noun : List.of("container", "image", "network", "volume")) {
                happen(Fact.of(noun, "warm-up", noun, Map.of(), ""));
            }
            for (int i = 0; i < 4; i++) {
                subscriber.next();
            }
        }
    }

    private void awaitEmptyOutbox() throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (database.query("select 1 from probe.outbox")
                        .execute()
                        .await()
                        .atMost(PATIENCE)
                        .size()
                > 0) {
            assertTrue(Instant.now().isBefore(end), "published rows stay in the outbox");
            Thread.sleep(10);
        }
    }

    private void sql(String statement) {
        database.query(statement).execute().await().atMost(PATIENCE);
    }

    private Stream<JsonNode> read(String query) throws IOException, InterruptedException {
        return HTTP.send(request(query), HttpResponse.BodyHandlers.ofLines())
                .body()
                .map(this::parse);
    }

    private int status(String query) throws IOException, InterruptedException {
        return HTTP.send(request(query), HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private HttpRequest request(String query) {
        return HttpRequest.newBuilder(URI.create(events + query))
                .timeout(PATIENCE)
                .build();
    }

    private JsonNode parse(String line) {
        try {
            return json.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException(line, e);
        }
    }

    private static String seconds(Instant moment) {
        return "%d.%09d".formatted(moment.getEpochSecond(), moment.getNano());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Subscriber subscribe(String query) throws IOException, InterruptedException {
        return new Subscriber(query);
    }

    private final class Subscriber implements AutoCloseable {
        private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
        private final Stream<String> lines;
        private final String contentType;

        Subscriber(String query) throws IOException, InterruptedException {
            HttpResponse<Stream<String>> response = HTTP.send(request(query), HttpResponse.BodyHandlers.ofLines());
            contentType = response.headers().firstValue("content-type").orElse("");
            lines = response.body();
            Thread.ofVirtual().start(() -> {
                try {
                    lines.forEach(line -> received.add(parse(line)));
                } catch (RuntimeException closed) {
                    // The test is over.
                }
            });
        }

        JsonNode next() throws InterruptedException {
            JsonNode event = received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertTrue(event != null, "no event in time");
            return event;
        }

        @Override
        public void close() {
            lines.close();
        }
    }
}
