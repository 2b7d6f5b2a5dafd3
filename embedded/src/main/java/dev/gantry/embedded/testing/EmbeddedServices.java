package dev.gantry.embedded.testing;

import dev.gantry.embedded.Durability;
import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * PostgreSQL and Kafka for {@code @QuarkusTest}s: {@code @QuarkusTestResource(EmbeddedServices.class)}. Started once per
 * JVM in a directory that is deleted at its end, with the configuration keys that every service reads.
 */
public final class EmbeddedServices implements QuarkusTestResourceLifecycleManager {
    private static Map<String, String> configuration;

    @Override
    public Map<String, String> start() {
        return shared();
    }

    /** The servers stay for the next test class; the end of the JVM stops them. */
    @Override
    public void stop() {}

    private static synchronized Map<String, String> shared() {
        if (configuration == null) {
            configuration = launch();
        }
        return configuration;
    }

    private static Map<String, String> launch() {
        Path directory = directory();
        EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"), Durability.FAST);
        EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), Durability.FAST);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            kafka.close();
            postgres.close();
            delete(directory);
        }));
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.putAll(kafka.settings());
        settings.put("gantry.data-dir", directory.resolve("data").toString());
        settings.put("gantry.run-dir", directory.resolve("run").toString());
        return settings;
    }

    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("gantry-test");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            Files.createDirectory(directory.resolve("data"));
            Files.createDirectory(directory.resolve("run"));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
