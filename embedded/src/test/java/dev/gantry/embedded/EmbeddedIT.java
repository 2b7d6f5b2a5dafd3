package dev.gantry.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.embedded.kafka.EmbeddedKafka;
import dev.gantry.embedded.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedIT {
    @TempDir
    Path directory;

    @BeforeEach
    void makeTraversable() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @Test
    void killed_postgres_comes_back_with_its_rows() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.DURABLE)) {
            assertEquals("", psql(postgres, "create table kept (n int); insert into kept values (42)"));
            long killed = postgres.pid();

            new ProcessBuilder("kill", "-9", Long.toString(killed)).start().waitFor();

            assertEquals("42", eventually(postgres, "select n from kept"));
            assertNotEquals(killed, postgres.pid());
        }
    }

    @Test
    void second_start_finds_rows_port_and_password_of_the_first() throws Exception {
        String url;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            psql(postgres, "create table kept (n int); insert into kept values (7)");
            url = postgres.jdbcUrl();
        }

        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            assertEquals(url, postgres.jdbcUrl());
            assertEquals("7", psql(postgres, "select n from kept"));
        }
    }

    @Test
    void password_file_is_readable_by_its_owner_only() throws Exception {
        try (EmbeddedPostgres _ = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("pg/password"))));
        }
    }

    @Test
    void records_outlive_the_broker() {
        String bootstrap;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), Durability.DURABLE)) {
            bootstrap = kafka.bootstrapServers();
            Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "acks", "all");
            try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                producer.send(new ProducerRecord<>("gantry.tests", "key", "value"));
            }
        }

        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), Durability.DURABLE)) {
            assertEquals(bootstrap, kafka.bootstrapServers());
            Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
            try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
                TopicPartition partition = new TopicPartition("gantry.tests", 0);
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                assertEquals(
                        "value",
                        consumer.poll(Duration.ofSeconds(20)).iterator().next().value());
            }
        }
    }

    private static String eventually(EmbeddedPostgres postgres, String sql) throws Exception {
        for (int i = 0; i < 100; i++) {
            String answer = psql(postgres, sql);
            if (!answer.contains("psql:")) {
                return answer;
            }
            Thread.sleep(100);
        }
        return psql(postgres, sql);
    }

    private static String psql(EmbeddedPostgres postgres, String sql) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "psql", "-qAt", "-d", postgres.reactiveUrl(), "-U", postgres.username(), "-c", sql)
                .redirectErrorStream(true);
        builder.environment().put("PGPASSWORD", postgres.password());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(process.waitFor() >= 0);
        return output.strip();
    }
}
