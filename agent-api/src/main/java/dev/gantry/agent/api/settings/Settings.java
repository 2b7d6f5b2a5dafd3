package dev.gantry.agent.api.settings;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Everything that can be configured, for services and agent alike. Taken in this order: environment variable, file,
 * standard value. Keys that begin with {@code quarkus.} are passed on to Quarkus unchecked.
 */
public final class Settings {
    /** System property with the path of the configuration file. */
    public static final String FILE_PROPERTY = "gantry.config";

    public static final List<Setting> ALL = List.of(
            new Setting(
                    "gantry.data-dir", "/var/lib/gantry", "Images, volumes, container state, database and event log"),
            new Setting("gantry.run-dir", "/run/gantry", "Sockets and pid files"),
            new Setting("gantry.log-dir", "/var/log/gantry", "Logs of the processes"),
            new Setting(
                    "gantry.processes",
                    "together",
                    "How `gantry up` runs the services: `together` in one process, or each `separate`"),
            new Setting("gantry.docker.socket", "${gantry.run-dir}/docker.sock", "Unix socket of the Docker API"),
            new Setting(
                    "gantry.docker.group",
                    "",
                    "Group that may use the socket; when empty `docker` or `gantry`, whichever exists"),
            new Setting(
                    "gantry.docker.tcp",
                    "",
                    "`host:port` for the Docker API over TCP; other than loopback only with TLS and client certificates"),
            new Setting("gantry.docker.tls.cert", "", "PEM file with the server's certificate chain"),
            new Setting("gantry.docker.tls.key", "", "PEM file with the server's private key"),
            new Setting("gantry.docker.tls.client-ca", "", "PEM file; clients must show a certificate signed by it"),
            new Setting("gantry.docker.max-json", "4194304", "Largest JSON body of a request, in bytes"),
            new Setting(
                    "gantry.health.port",
                    "9321",
                    "Loopback port of `/q/health` and `/q/metrics`; 0 takes any free one"),
            new Setting(
                    "gantry.postgres.jdbc-url",
                    "",
                    "External PostgreSQL, `jdbc:postgresql://...`; empty for an own one"),
            new Setting(
                    "gantry.postgres.reactive-url",
                    "",
                    "The same database as `postgresql://...`; derived from the JDBC URL when empty"),
            new Setting("gantry.postgres.username", "gantry", "User of the database"),
            new Setting("gantry.postgres.password", "", "Password of that user"),
            new Setting("gantry.kafka.bootstrap-servers", "", "External Kafka, `host:port,...`; empty for an own one"),
            new Setting("gantry.image-service.url", "", "Where image-service is when it is a process of its own"),
            new Setting(
                    "gantry.container-service.url", "", "Where container-service is when it is a process of its own"),
            new Setting("gantry.network-service.url", "", "Where network-service is when it is a process of its own"),
            new Setting("gantry.event-service.url", "", "Where event-service is when it is a process of its own"),
            new Setting(
                    "gantry.agent.control",
                    "unix://${gantry.run-dir}/internal.sock",
                    "Where the agent registers: container-service"),
            new Setting(
                    "gantry.agent.address",
                    "unix://${gantry.run-dir}/agent.sock",
                    "Where services reach this host's agent"),
            new Setting(
                    "gantry.agent.listen",
                    "",
                    "`host:port` where the agent serves services on other machines, with mutual TLS only"),
            new Setting(
                    "gantry.services.listen",
                    "",
                    "`host:port` where the services serve agents on other machines, with mutual TLS only"),
            new Setting("gantry.network.bridge", "gantry0", "Name of the predefined network's bridge on a host"),
            new Setting(
                    "gantry.agent.nftables-table",
                    "gantry",
                    "The agent's nftables table; agents that share a host need different ones"),
            new Setting(
                    "gantry.image.content-url",
                    "unix://${gantry.run-dir}/internal.sock:/internal/image-service/content/",
                    "Where agents fetch layers; the digest is appended"),
            new Setting(
                    "gantry.tls.certificate", "", "PEM file: what this process shows to agents or services over TCP"),
            new Setting("gantry.tls.key", "", "PEM file with its private key"),
            new Setting("gantry.tls.authority", "", "PEM file with the authority of the peers' certificates"),
            new Setting(
                    "gantry.tls.services",
                    "",
                    "Common name in the services' certificates: agents then obey nobody else, and services serve each other over TCP"));

    private static final Map<String, Setting> BY_KEY =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Setting::key, setting -> setting));

    private Settings() {}

    /**
     * The file's entries.
     *
     * @throws IllegalArgumentException for an unknown key; the message names the file and the nearest known key
     */
    public static Map<String, String> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("the configuration file cannot be read: " + e.getMessage(), e);
        }
        check(properties.stringPropertyNames(), file.toString());
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toUnmodifiableMap(
                        key -> key, key -> properties.getProperty(key).strip()));
    }

    /** @throws IllegalArgumentException for a key that is neither ours nor Quarkus' */
    public static void check(Collection<String> keys, String origin) {
        for (String key : keys) {
            if (!BY_KEY.containsKey(key) && !key.startsWith("quarkus.")) {
                throw unknown(key, origin, ALL.stream().map(Setting::key).toList());
            }
        }
    }

    /** The same for variables whose names begin with {@code GANTRY_}. */
    public static void checkEnvironment(Collection<String> variables) {
        List<String> known = ALL.stream().map(Setting::environmentVariable).toList();
        for (String variable : variables) {
            boolean forTests = variable.startsWith("GANTRY_TEST_") || variable.startsWith("GANTRY_BENCH_");
            boolean forLauncher = variable.equals("GANTRY_CONFIG");
            if (variable.startsWith("GANTRY_") && !known.contains(variable) && !forTests && !forLauncher) {
                throw unknown(variable, "the environment", known);
            }
        }
    }

    /** The value when nothing was configured, if the key has one. */
    public static Optional<String> standard(String key) {
        return Optional.ofNullable(BY_KEY.get(key)).map(Setting::standard).filter(value -> !value.isEmpty());
    }

    private static IllegalArgumentException unknown(String key, String origin, List<String> known) {
        String nearest = known.stream()
                .min(Comparator.comparingInt(candidate -> EditDistance.between(key, candidate)))
                .orElseThrow();
        return new IllegalArgumentException(
                "unknown setting \"" + key + "\" in " + origin + "; did you mean \"" + nearest + "\"?");
    }
}
