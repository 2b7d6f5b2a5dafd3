package dev.gantry.embedded.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.embedded.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    private static final String TOPIC = "gantry.tests";

    @TempDir
    Path directory;

    @Test
    void records_outlive_the_broker() throws Exception {
        Map<String, Object> access;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.DURABLE)) {
            access = kafka.client();
            publish(access, "value");
        }

        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.DURABLE)) {
            assertEquals(access, kafka.client());
            assertEquals("value", first(access));
        }
    }

    @Test
    void records_outlive_a_killed_broker_and_its_successor_waits_for_no_session() throws Exception {
        BrokerProcess killed = BrokerProcess.start(directory);
        publish(killed.access(), "value");
        killed.kill();

        long begin = System.nanoTime();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.DURABLE)) {
            assertEquals("value", first(kafka.client()));
            publish(kafka.client(), "second");
            assertTrue(
                    System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(KafkaSettings.SESSION_MILLIS),
                    "it waited for the session of its predecessor");
        }
    }

    @Test
    void who_does_not_know_the_secret_does_nothing() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.FAST)) {
            publish(kafka.client(), "value");
            for (Map<String, Object> stranger : strangers(kafka)) {
                assertRefused(stranger);
            }

            assertEquals("value", first(kafka.client()));
        }
    }

    /** What only controllers and brokers say to each other is refused in the same way. */
    @Test
    void the_controller_serves_no_stranger_either() throws Exception {
        try (EmbeddedKafka _ = EmbeddedKafka.start(directory, Durability.FAST)) {
            String controller = "127.0.0.1:"
                    + Files.readString(directory.resolve("controller-port")).strip();

            try (Admin admin = Admin.create(patient(Map.of("bootstrap.controllers", controller)))) {
                assertThrows(
                        ExecutionException.class,
                        () -> admin.describeMetadataQuorum().quorumInfo().get());
            }
        }
    }

    @Test
    void its_files_are_its_owners_alone() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, Durability.FAST)) {
            publish(kafka.client(), "value");

            assertEquals("rwx------", permissions(directory));
            assertEquals("rwx------", permissions(directory.resolve("data")));
            assertEquals("rw-------", permissions(directory.resolve("password")));
        }
    }

    /** Without a login, with a wrong one, and with a user that there is not. */
    private static List<Map<String, Object>> strangers(EmbeddedKafka kafka) {
        Map<String, Object> silent = Map.of("bootstrap.servers", kafka.bootstrapServers());
        Map<String, Object> guessing = new HashMap<>(kafka.client());
        guessing.put("sasl.jaas.config", KafkaSettings.login("guessed"));
        Map<String, Object> unknown = new HashMap<>(kafka.client());
        unknown.put(
                "sasl.jaas.config",
                String.valueOf(kafka.client().get("sasl.jaas.config"))
                        .replace("\"" + KafkaSettings.USER + "\"", "\"root\""));
        return List.of(silent, guessing, unknown);
    }

    private static void assertRefused(Map<String, Object> stranger) {
        try (Admin admin = Admin.create(patient(stranger))) {
            assertRefused(() -> admin.listTopics().names().get());
            assertRefused(() -> admin.deleteTopics(List.of(TOPIC)).all().get());
        }
        assertRefused(() -> first(patient(stranger)));
        assertRefused(() -> publish(patient(stranger), "forged"));
    }

    private interface Attempt {
        void make() throws Exception;
    }

    private static void assertRefused(Attempt attempt) {
        Exception refused = assertThrows(Exception.class, attempt::make);
        Throwable cause = refused instanceof ExecutionException ? refused.getCause() : refused;
        assertInstanceOf(KafkaException.class, cause);
    }

    /** A client that says nothing of who it is sees its connection closed, and would try for a minute. */
    private static Map<String, Object> patient(Map<String, Object> access) {
        Map<String, Object> settings = new HashMap<>(access);
        settings.put("request.timeout.ms", 1000);
        settings.put("default.api.timeout.ms", 1500);
        settings.put("max.block.ms", 1500);
        return settings;
    }

    private static void publish(Map<String, Object> access, String value) throws Exception {
        try (var producer = new KafkaProducer<>(access, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "key", value)).get();
        }
    }

    private static String first(Map<String, Object> access) {
        try (var consumer = new KafkaConsumer<>(access, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            consumer.endOffsets(List.of(partition));
            return consumer.poll(Duration.ofSeconds(20)).iterator().next().value();
        }
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
