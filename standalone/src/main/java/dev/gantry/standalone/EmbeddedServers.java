package dev.gantry.standalone;

import dev.gantry.agent.api.settings.RefusedStart;
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
    private static final String KAFKA = "gantry.kafka.bootstrap-servers";

    private static volatile EmbeddedServers current;

    /**
     * Returns when it is known where they will be reached: they start while the services are put together, which wait for
     * them in {@link #awaitReady} before they use either. Both at once: each takes a second or two.
     */
    static EmbeddedServers begin(Config config, Path data) {
        Optional<String> external = value(config, JDBC_URL);
        CompletableFuture<Optional<EmbeddedPostgres>> postgres = CompletableFuture.supplyAsync(
                () -> external.isPresent() ? Optional.empty() : Optional.of(postgres(data.resolve("postgres"))));
        CompletableFuture<Optional<EmbeddedKafka>> kafka = CompletableFuture.supplyAsync(
                () -> value(config, KAFKA).isPresent() ? Optional.empty() : Optional.of(kafka(data.resolve("kafka"))));
        try {
            current = new EmbeddedServers(postgres.join(), kafka.join());
            return current;
        } catch (CompletionException e) {
            postgres.thenAccept(started -> started.ifPresent(EmbeddedPostgres::close));
            kafka.thenAccept(started -> started.ifPresent(EmbeddedKafka::close));
            throw e;
        }
    }

    /** @throws RefusedStart with the reason why one of those that this process began does not start */
    static void awaitReady() {
        EmbeddedServers servers = current;
        if (servers != null) {
            try {
                servers.postgres.ifPresent(EmbeddedPostgres::awaitReady);
                servers.kafka.ifPresent(EmbeddedKafka::awaitReady);
            } catch (RuntimeException e) {
                throw new RefusedStart(Standalone.rootMessage(e));
            }
        }
    }

    /** Kafka first: it ends quickly, and nothing needs either any more. */
    @Override
    public void close() {
        kafka.ifPresent(EmbeddedKafka::close);
        postgres.ifPresent(EmbeddedPostgres::close);
    }

    private static EmbeddedPostgres postgres(Path directory) {
        EmbeddedPostgres postgres = EmbeddedPostgres.begin(directory, Durability.DURABLE);
        postgres.settings().forEach(System::setProperty);
        return postgres;
    }

    private static EmbeddedKafka kafka(Path directory) {
        EmbeddedKafka kafka = EmbeddedKafka.begin(directory, Durability.DURABLE);
        kafka.settings().forEach(System::setProperty);
        // Nobody else uses this broker: after a kill we are the same consumers again, and wait for no session's end.
        System.setProperty("mp.messaging.connector.smallrye-kafka.group.instance.id", "standalone");
        return kafka;
    }

    private static Optional<String> value(Config config, String key) {
        return config.getOptionalValue(key, String.class).filter(text -> !text.isBlank());
    }
}
