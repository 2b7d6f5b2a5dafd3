package dev.gantry.standalone;

import dev.gantry.embedded.Durability;
import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.microprofile.config.Config;

/** PostgreSQL and Kafka as far as they are not configured to be elsewhere; their addresses become system properties. */
record EmbeddedServers(Optional<EmbeddedPostgres> postgres, Optional<EmbeddedKafka> kafka) implements AutoCloseable {
    private static final String JDBC_URL = "gantry.postgres.jdbc-url";
    private static final String REACTIVE_URL = "gantry.postgres.reactive-url";
    private static final String KAFKA = "gantry.kafka.bootstrap-servers";

    /** Both at once: each takes about a second. */
    static EmbeddedServers start(Config config, Path data) {
        Optional<String> external = value(config, JDBC_URL);
        external.ifPresent(url -> {
            if (value(config, REACTIVE_URL).isEmpty()) {
                System.setProperty(REACTIVE_URL, url.replaceFirst("^jdbc:", ""));
            }
        });
        CompletableFuture<Optional<EmbeddedPostgres>> postgres = CompletableFuture.supplyAsync(
                () -> external.isPresent() ? Optional.empty() : Optional.of(postgres(data.resolve("postgres"))));
        CompletableFuture<Optional<EmbeddedKafka>> kafka = CompletableFuture.supplyAsync(
                () -> value(config, KAFKA).isPresent() ? Optional.empty() : Optional.of(kafka(data.resolve("kafka"))));
        try {
            return new EmbeddedServers(postgres.join(), kafka.join());
        } catch (CompletionException e) {
            postgres.thenAccept(started -> started.ifPresent(EmbeddedPostgres::close));
            kafka.thenAccept(started -> started.ifPresent(EmbeddedKafka::close));
            throw e;
        }
    }

    /** Kafka first: it ends quickly, and nothing needs either any more. */
    @Override
    public void close() {
        kafka.ifPresent(EmbeddedKafka::close);
        postgres.ifPresent(EmbeddedPostgres::close);
    }

    private static EmbeddedPostgres postgres(Path directory) {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(directory, Durability.DURABLE);
        postgres.settings().forEach(System::setProperty);
        return postgres;
    }

    private static EmbeddedKafka kafka(Path directory) {
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.DURABLE);
        kafka.settings().forEach(System::setProperty);
        // Nobody else uses this broker: after a kill we are the same consumers again, and wait for no session's end.
        System.setProperty("mp.messaging.connector.smallrye-kafka.group.instance.id", "standalone");
        return kafka;
    }

    private static Optional<String> value(Config config, String key) {
        return config.getOptionalValue(key, String.class).filter(text -> !text.isBlank());
    }
}
