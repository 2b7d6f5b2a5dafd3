package dev.gantry.service.outbox;

import dev.gantry.agent.api.settings.RefusedStart;
import io.quarkus.arc.Unremovable;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.eclipse.microprofile.config.Config;

/** How every Kafka client of ours reaches the brokers and shows who it is: from {@code gantry.kafka.*}. */
public final class KafkaAccess {
    /** Name of the settings as a bean, for channels. */
    public static final String CHANNELS = "gantry-kafka";

    private static final String PREFIX = "gantry.kafka.";
    private static final List<String> PROTOCOLS = List.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");
    private static final Map<String, Class<?>> MECHANISMS = Map.of(
            "SCRAM-SHA-256", ScramLoginModule.class,
            "SCRAM-SHA-512", ScramLoginModule.class,
            "PLAIN", PlainLoginModule.class);

    private KafkaAccess() {}

    @Produces
    @Singleton
    @Unremovable
    @Identifier(CHANNELS)
    static Map<String, Object> forChannels(Config config) {
        return of(config);
    }

    /** @throws RefusedStart when a setting is not one that can be used; the message names it */
    public static Map<String, Object> of(Config config) {
        Map<String, Object> settings = new HashMap<>();
        String servers = value(config, "bootstrap-servers")
                .orElseThrow(() -> new RefusedStart(
                        PREFIX + "bootstrap-servers is not set: this process hears and tells facts through Kafka"
                                + " and must know where it is"));
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
        String protocol = value(config, "security-protocol").orElse("PLAINTEXT");
        if (!PROTOCOLS.contains(protocol)) {
            throw new RefusedStart(
                    PREFIX + "security-protocol is none of " + String.join(", ", PROTOCOLS) + ": " + protocol);
        }
        settings.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol);
        if (protocol.startsWith("SASL")) {
            sasl(config, settings);
        }
        if (protocol.endsWith("SSL")) {
            value(config, "tls-authority").ifPresent(file -> {
                settings.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
                settings.put(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, file);
            });
            clientCertificate(config, settings);
        }
        return Map.copyOf(settings);
    }

    private static void clientCertificate(Config config, Map<String, Object> settings) {
        Optional<String> certificate = value(config, "tls-certificate");
        if (certificate.isPresent() != value(config, "tls-key").isPresent()) {
            throw new RefusedStart(PREFIX + "tls-certificate and " + PREFIX + "tls-key go together");
        }
        if (certificate.isPresent()) {
            settings.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
            settings.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, text(config, "tls-certificate"));
            settings.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, text(config, "tls-key"));
        }
    }

    private static void sasl(Config config, Map<String, Object> settings) {
        String mechanism = required(config, "sasl-mechanism");
        Class<?> login = MECHANISMS.get(mechanism);
        if (login == null) {
            throw new RefusedStart(PREFIX + "sasl-mechanism is none of "
                    + String.join(", ", MECHANISMS.keySet().stream().sorted().toList()) + ": " + mechanism);
        }
        settings.put(SaslConfigs.SASL_MECHANISM, mechanism);
        settings.put(
                SaslConfigs.SASL_JAAS_CONFIG,
                login.getName() + " required username=" + quoted(required(config, "sasl-username")) + " password="
                        + quoted(password(config)) + ";");
    }

    private static String password(Config config) {
        return value(config, "sasl-password-file").isEmpty()
                ? required(config, "sasl-password")
                : text(config, "sasl-password-file").lines().findFirst().orElse("");
    }

    /** Of the file that a setting names. */
    private static String text(Config config, String key) {
        try {
            return Files.readString(Path.of(required(config, key)));
        } catch (IOException e) {
            throw new RefusedStart(PREFIX + key + " cannot be read: " + e.getMessage());
        }
    }

    /** As JAAS files have it. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String required(Config config, String key) {
        return value(config, key).orElseThrow(() -> new RefusedStart(PREFIX + key + " is missing"));
    }

    private static Optional<String> value(Config config, String key) {
        return config.getOptionalValue(PREFIX + key, String.class).filter(text -> !text.isBlank());
    }
}
