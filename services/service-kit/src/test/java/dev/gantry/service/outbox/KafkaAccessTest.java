package dev.gantry.service.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.settings.RefusedStart;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaAccessTest {
    @TempDir
    Path directory;

    @Test
    void certificate_is_shown_to_brokers_over_tls() throws IOException {
        Path certificate = Files.writeString(directory.resolve("c.pem"), "the chain\nof it\n");
        Path key = Files.writeString(directory.resolve("k.pem"), "the key\n");

        Map<String, Object> settings = access(Map.of(
                "security-protocol",
                "SSL",
                "tls-authority",
                "/etc/authority.pem",
                "tls-certificate",
                certificate.toString(),
                "tls-key",
                key.toString()));

        assertEquals(
                Map.of(
                        "bootstrap.servers", "h:1",
                        "security.protocol", "SSL",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.location", "/etc/authority.pem",
                        "ssl.keystore.type", "PEM",
                        "ssl.keystore.certificate.chain", "the chain\nof it\n",
                        "ssl.keystore.key", "the key\n"),
                settings);
    }

    @Test
    void certificate_and_key_go_together() throws IOException {
        Path key = Files.writeString(directory.resolve("k.pem"), "the key\n");

        var refused = assertThrows(
                RefusedStart.class,
                () -> access(Map.of(
                        "security-protocol",
                        "SASL_SSL",
                        "sasl-username",
                        "u",
                        "sasl-password",
                        "p",
                        "tls-key",
                        key.toString())));

        assertEquals("gantry.kafka.tls-certificate and gantry.kafka.tls-key go together", refused.getMessage());
    }

    @Test
    void password_is_the_first_line_of_its_file() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "a\"b\\c\nmore\n");

        Map<String, Object> settings = access(Map.of(
                "security-protocol", "SASL_PLAINTEXT", "sasl-username", "u", "sasl-password-file", secret.toString()));

        assertEquals(
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"a\\\"b\\\\c\";",
                settings.get("sasl.jaas.config"));
    }

    private static Map<String, Object> access(Map<String, String> kafka) {
        Map<String, String> all = new HashMap<>(
                Map.of("gantry.kafka.bootstrap-servers", "h:1", "gantry.kafka.sasl-mechanism", "SCRAM-SHA-256"));
        kafka.forEach((key, value) -> all.put("gantry.kafka." + key, value));
        return KafkaAccess.of(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(all, "test", 100))
                .build());
    }
}
