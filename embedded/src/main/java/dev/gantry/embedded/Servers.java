package dev.gantry.embedded;

import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * PostgreSQL and Kafka as a process of their own, for services that run as processes of their own on one machine.
 * Arguments: the directory of their data; the file to which the settings for reaching them are written, readable by its
 * owner only, once they answer; and {@code postgres} or {@code kafka} for one of them alone.
 */
public final class Servers {
    private Servers() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Path data = Path.of(args[0]);
        List<String> wanted = args.length > 2 ? List.of(args[2]) : List.of("postgres", "kafka");
        List<AutoCloseable> started = new ArrayList<>();
        List<String> settings = new ArrayList<>();
        if (wanted.contains("postgres")) {
            EmbeddedPostgres postgres = EmbeddedPostgres.start(data.resolve("postgres"), Durability.DURABLE);
            started.addFirst(postgres);
            settings.add("gantry.postgres.jdbc-url=" + postgres.jdbcUrl());
            settings.add("gantry.postgres.reactive-url=" + postgres.reactiveUrl());
            settings.add("gantry.postgres.username=" + postgres.username());
            settings.add("gantry.postgres.password=" + postgres.password());
        }
        if (wanted.contains("kafka")) {
            EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), Durability.DURABLE);
            started.addFirst(kafka);
            settings.add("gantry.kafka.bootstrap-servers=" + kafka.bootstrapServers());
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> started.forEach(Servers::close)));
        write(Path.of(args[1]), settings);
        new CountDownLatch(1).await();
    }

    private static void close(AutoCloseable server) {
        try {
            server.close();
        } catch (Exception e) {
            System.err.println("gantry: " + e.getMessage());
        }
    }

    private static void write(Path file, List<String> lines) throws IOException {
        Path scratch = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(scratch);
        Files.createFile(scratch, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(scratch, lines);
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
