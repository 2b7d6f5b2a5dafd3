package dev.gantry.embedded.kafka;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.embedded.Durability;
import dev.gantry.embedded.LoopbackPort;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka broker and controller in this process, on loopback ports, below one directory. It serves only who knows the
 * secret in that directory. {@link #start} returns when the broker answers; {@link #close} flushes and stops it.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private final KafkaNode node;
    private final int port;
    private final Path passwordFile;
    private final String password;

    private EmbeddedKafka(KafkaNode node, int port, Path passwordFile, String password) {
        this.node = node;
        this.port = port;
        this.passwordFile = passwordFile;
        this.password = password;
    }

    /** @throws IllegalStateException when it does not start; nothing of it runs then */
    public static EmbeddedKafka start(Path directory, Durability durability) {
        try {
            OwnerOnly.directory(directory);
            int port = LoopbackPort.remembered(directory.resolve("port"));
            int controllerPort = LoopbackPort.remembered(directory.resolve("controller-port"));
            Path passwordFile = directory.resolve("password").toAbsolutePath();
            String password = OwnerOnly.secret(passwordFile);
            Path data = OwnerOnly.directory(directory.resolve("data"));
            Properties settings = KafkaSettings.of(data, port, controllerPort, password, durability);
            format(data);
            KafkaNode node = new KafkaNode(KafkaConfig.fromProps(settings, false));
            node.start();
            return new EmbeddedKafka(node, port, passwordFile, password);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Kafka does not start: " + e.getMessage(), e);
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
        node.stop();
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
