package dev.gantry.embedded;

import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * PostgreSQL and Kafka as a process of their own, for services that run as processes of their own on one machine.
 * Arguments: the directory of their data, and the file to which the settings for reaching them are written, readable
 * by its owner only, once both answer.
 */
public final class Servers {
    private Servers() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Path data = Path.of(args[0]);
        EmbeddedPostgres postgres = EmbeddedPostgres.start(data.resolve("postgres"), Durability.DURABLE);
        EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), Durability.DURABLE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            kafka.close();
            postgres.close();
        }));
        write(
                Path.of(args[1]),
                List.of(
                        "gantry.postgres.jdbc-url=" + postgres.jdbcUrl(),
                        "gantry.postgres.reactive-url=" + postgres.reactiveUrl(),
                        "gantry.postgres.username=" + postgres.username(),
                        "gantry.postgres.password=" + postgres.password(),
                        "gantry.kafka.bootstrap-servers=" + kafka.bootstrapServers()));
        new CountDownLatch(1).await();
    }

    private static void write(Path file, List<String> lines) throws IOException {
        Path scratch = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(scratch);
        Files.createFile(scratch, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(scratch, lines);
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
