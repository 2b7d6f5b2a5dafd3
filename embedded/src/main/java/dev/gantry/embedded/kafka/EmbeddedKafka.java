package dev.gantry.embedded.kafka;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.embedded.Durability;
import dev.gantry.embedded.LoopbackPort;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka broker and controller in this process, on loopback ports, below one directory. It serves only who knows the
 * secret in that directory. {@link #start} returns when the broker answers, {@link #begin} as soon as it is known where it
 * will; {@link #close} flushes and stops it.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private final int port;
    private final Path passwordFile;
    private final String password;
    private final CompletableFuture<KafkaNode> node;

    private EmbeddedKafka(int port, Path passwordFile, String password, CompletableFuture<KafkaNode> node) {
        this.port = port;
        this.passwordFile = passwordFile;
        this.password = password;
        this.node = node;
    }

    /** @throws IllegalStateException when it does not start; nothing of it runs then */
    public static EmbeddedKafka start(Path directory, Durability durability) {
        EmbeddedKafka kafka = begin(directory, durability);
        kafka.awaitReady();
        return kafka;
    }

    /** The broker starts in the background: {@link #awaitReady}. */
    public static EmbeddedKafka begin(Path directory, Durability durability) {
        try {
            OwnerOnly.directory(directory);
            int port = LoopbackPort.remembered(directory.resolve("port"));
            int controllerPort = LoopbackPort.remembered(directory.resolve("controller-port"));
            Path passwordFile = directory.resolve("password").toAbsolutePath();
            String password = OwnerOnly.secret(passwordFile);
            Path data = OwnerOnly.directory(directory.resolve("data"));
            Properties settings = KafkaSettings.of(data, port, controllerPort, password, durability);
            CompletableFuture<KafkaNode> node = new CompletableFuture<>();
            new Thread(() -> complete(node, data, settings), "embedded-kafka").start();
            return new EmbeddedKafka(port, passwordFile, password, node);
        } catch (IOException e) {
            throw new UncheckedIOException("Kafka does not start: " + e.getMessage(), e);
        }
    }

    private static void complete(CompletableFuture<KafkaNode> result, Path data, Properties settings) {
        try {
            format(data);
            KafkaNode node = new KafkaNode(KafkaConfig.fromProps(settings, false));
            node.start();
            result.complete(node);
        } catch (Exception | Error e) {
            result.completeExceptionally(e);
        }
    }

    /** @throws IllegalStateException when it does not start; nothing of it runs then */
    public void awaitReady() {
        try {
            node.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException told) {
                throw told;
            }
            throw new IllegalStateException(
                    "Kafka does not start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** What clients are to be told, by the keys of the configuration. The secret itself stays in its file. */
    public Map<String, String> settings() {
        return Map.of(
                "gantry.kafka.bootstrap-servers", bootstrapServers(),
                "gantry.kafka.security-protocol", "SASL_PLAINTEXT",
                "gantry.kafka.sasl-mechanism", ScramCredentials.MECHANISM.mechanismName(),
                "gantry.kafka.sasl-username", KafkaSettings.USER,
                "gantry.kafka.sasl-password-file", passwordFile.toString());
    }

    /** The same in Kafka's own words, secret included, for a client in this process. */
    public Map<String, Object> client() {
        return Map.of(
                "bootstrap.servers",
                bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                ScramCredentials.MECHANISM.mechanismName(),
                "sasl.jaas.config",
                KafkaSettings.login(password));
    }

    @Override
    public void close() {
        // One that is still starting cannot be stopped; one that failed has stopped itself.
        node.handle((started, _) -> started)
                .thenAccept(started -> {
                    if (started != null) {
                        started.stop();
                    }
                })
                .join();
    }

    private static void format(Path data) throws Exception {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(KafkaSettings.NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(KafkaSettings.CONTROLLER_LISTENER)
                .addDirectory(data.toString())
                .setMetadataLogDirectory(data.toString())
                .setIgnoreFormatted(true)
                .run();
    }
}
