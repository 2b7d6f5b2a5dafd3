package dev.gantry.embedded.process;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.embedded.Durability;
import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * PostgreSQL and Kafka as a process of their own, for services that run as processes of their own on one machine.
 * Arguments: the directory of their data; the file to which the settings for reaching them are written, readable by its
 * owner only, once they answer; and {@code postgres} or {@code kafka} for one of them alone.
 */
public final class Servers {
    private Servers() {}

    public static void main(String... args) throws IOException, InterruptedException {
        logToStandardError();
        OwnerOnly.umask();
        Path data = Path.of(args[0]);
        List<String> wanted = args.length > 2 ? List.of(args[2]) : List.of("postgres", "kafka");
        List<AutoCloseable> started = new ArrayList<>();
        Map<String, String> settings = new TreeMap<>();
        if (wanted.contains("postgres")) {
            EmbeddedPostgres postgres = EmbeddedPostgres.start(data.resolve("postgres"), Durability.DURABLE);
            started.addFirst(postgres);
            settings.putAll(postgres.settings());
        }
        if (wanted.contains("kafka")) {
            EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), Durability.DURABLE);
            started.addFirst(kafka);
            settings.putAll(kafka.settings());
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> started.forEach(Servers::close)));
        OwnerOnly.write(
                Path.of(args[1]),
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                        .collect(Collectors.joining()));
        new CountDownLatch(1).await();
    }

    /** Where Kafka says why it ends the process, should it do so. */
    private static void logToStandardError() {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        Logger root = LogManager.getLogManager().getLogger("");
        Stream.of(root.getHandlers()).forEach(root::removeHandler);
        root.setLevel(Level.WARNING);
        root.addHandler(new ConsoleHandler());
    }

    private static void close(AutoCloseable server) {
        try {
            server.close();
        } catch (Exception e) {
            System.err.println("gantry: " + e.getMessage());
        }
    }
}
