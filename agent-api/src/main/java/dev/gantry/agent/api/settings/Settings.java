package dev.gantry.agent.api.settings;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
                    "gantry.data-dir",
                    SettingKind.DIRECTORY,
                    "/var/lib/gantry",
                    "Images, volumes, container state, database and event log"),
            new Setting("gantry.run-dir", SettingKind.DIRECTORY, "/run/gantry", "Sockets and pid files"),
            new Setting("gantry.log-dir", SettingKind.DIRECTORY, "/var/log/gantry", "Logs of the processes"),
            new Setting(
                    "gantry.processes",
                    SettingKind.TOPOLOGY,
                    "together",
                    "How `gantry up` runs the services: `together` in one process, or each `separate`"),
            new Setting(
                    "gantry.docker.socket",
                    SettingKind.SOCKET,
                    "${gantry.run-dir}/docker.sock",
                    "Unix socket of the Docker API"),
            new Setting(
                    "gantry.docker.group",
                    SettingKind.TEXT,
                    "",
                    "Group that may use the socket; when empty `docker` or `gantry`, whichever exists"),
            new Setting(
                    "gantry.docker.tcp",
                    SettingKind.ADDRESS,
                    "",
                    "`host:port` for the Docker API over TCP; other than loopback only with TLS and client"
                            + " certificates"),
            new Setting(
                    "gantry.docker.tcp-insecure",
                    SettingKind.YES_OR_NO,
                    "false",
                    "`true` lets `gantry.docker.tcp` listen on loopback without client certificates: every local user"
                            + " is root then"),
            new Setting("gantry.docker.tls.cert", SettingKind.FILE, "", "PEM file with the server's certificate chain"),
            new Setting("gantry.docker.tls.key", SettingKind.FILE, "", "PEM file with the server's private key"),
            new Setting(
                    "gantry.docker.tls.client-ca",
                    SettingKind.FILE,
                    "",
                    "PEM file; clients must show a certificate signed by it"),
            new Setting(
                    "gantry.docker.max-json", SettingKind.BYTES, "4194304", "Largest JSON body of a request, in bytes"),
            new Setting(
                    "gantry.health.host",
                    SettingKind.TEXT,
                    "127.0.0.1",
                    "Address of `/q/health` and `/q/metrics`, which anybody who reaches it can read"),
            new Setting(
                    "gantry.health.port",
                    SettingKind.PORT,
                    "9321",
                    "Port of `/q/health` and `/q/metrics`; 0 takes any free one. Services that `gantry up` runs"
                            + " separately have the five from ten above it on"),
            new Setting(
                    "gantry.postgres.jdbc-url",
                    SettingKind.JDBC_URL,
                    "",
                    "External PostgreSQL, `jdbc:postgresql://...`; empty for an own one"),
            new Setting(
                    "gantry.postgres.reactive-url",
                    SettingKind.POSTGRES_URL,
                    "",
                    "The same database as `postgresql://...`; derived from the JDBC URL when empty"),
            new Setting("gantry.postgres.username", SettingKind.TEXT, "gantry", "User of the database"),
            new Setting(
                    "gantry.postgres.password-file",
                    SettingKind.FILE,
                    "",
                    "File whose first line is that user's password"),
            new Setting(
                    "gantry.postgres.password",
                    SettingKind.TEXT,
                    "",
                    "The password itself, where there is no such file"),
            new Setting(
                    "gantry.kafka.bootstrap-servers",
                    SettingKind.ADDRESSES,
                    "",
                    "External Kafka, `host:port,...`; empty for an own one"),
            new Setting(
                    "gantry.kafka.security-protocol",
                    SettingKind.KAFKA_PROTOCOL,
                    "PLAINTEXT",
                    "How to talk to an external Kafka: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`"),
            new Setting(
                    "gantry.kafka.sasl-mechanism",
                    SettingKind.SASL_MECHANISM,
                    "SCRAM-SHA-256",
                    "With SASL: `SCRAM-SHA-256`, `SCRAM-SHA-512` or `PLAIN`"),
            new Setting("gantry.kafka.sasl-username", SettingKind.TEXT, "", "With SASL: the user"),
            new Setting(
                    "gantry.kafka.sasl-password-file",
                    SettingKind.FILE,
                    "",
                    "File whose first line is that user's password"),
            new Setting(
                    "gantry.kafka.sasl-password",
                    SettingKind.TEXT,
                    "",
                    "The password itself, where there is no such file"),
            new Setting(
                    "gantry.kafka.tls-authority",
                    SettingKind.FILE,
                    "",
                    "With SSL: PEM file with the authority of the brokers' certificates; the JDK's authorities when"
                            + " empty"),
            new Setting(
                    "gantry.kafka.tls-certificate",
                    SettingKind.FILE,
                    "",
                    "With SSL: PEM file with the certificate chain to show to brokers that ask for one"),
            new Setting(
                    "gantry.kafka.tls-key", SettingKind.FILE, "", "With SSL: PEM file with its private key, PKCS #8"),
            new Setting(
                    "gantry.image-service.url",
                    SettingKind.URL,
                    "",
                    "Where image-service is when it is a process of its own"),
            new Setting(
                    "gantry.container-service.url",
                    SettingKind.URL,
                    "",
                    "Where container-service is when it is a process of its own"),
            new Setting(
                    "gantry.network-service.url",
                    SettingKind.URL,
                    "",
                    "Where network-service is when it is a process of its own"),
            new Setting(
                    "gantry.event-service.url",
                    SettingKind.URL,
                    "",
                    "Where event-service is when it is a process of its own"),
            new Setting(
                    "gantry.cluster-service.url",
                    SettingKind.URL,
                    "",
                    "Where cluster-service is when it is a process of its own"),
            new Setting(
                    "gantry.agent.control",
                    SettingKind.URL,
                    "unix://${gantry.run-dir}/internal.sock",
                    "Where the agent registers: cluster-service"),
            new Setting(
                    "gantry.agent.reports",
                    SettingKind.URL,
                    "${gantry.agent.control}",
                    "Where the agent reports what becomes of containers: container-service"),
            new Setting(
                    "gantry.agent.address",
                    SettingKind.URL,
                    "unix://${gantry.run-dir}/agent.sock",
                    "Where services reach this host's agent"),
            new Setting(
                    "gantry.agent.listen",
                    SettingKind.ADDRESS,
                    "",
                    "`host:port` where the agent serves services on other machines, with mutual TLS only"),
            new Setting(
                    "gantry.services.listen",
                    SettingKind.ADDRESS,
                    "",
                    "`host:port` where the services serve agents on other machines, with mutual TLS only"),
            new Setting(
                    "gantry.daemon-json",
                    SettingKind.FILE,
                    "",
                    "dockerd's own configuration file, `/etc/docker/daemon.json`: what it says counts where this file says nothing"),
            new Setting("gantry.labels", SettingKind.LIST, "", "`key=value,...`, shown by `docker info`"),
            new Setting(
                    "gantry.containers.log-driver",
                    SettingKind.TEXT,
                    "json-file",
                    "Of containers without `--log-driver`"),
            new Setting(
                    "gantry.containers.log-options",
                    SettingKind.LIST,
                    "",
                    "`max-size=10m,max-file=3`: of containers with that driver, below their own `--log-opt`"),
            new Setting(
                    "gantry.logs.keep",
                    SettingKind.DURATION,
                    "0",
                    "How long `docker logs` of a removed container works, by its id; 0 is not at all. The same for all processes"),
            new Setting(
                    "gantry.logs.keep-size",
                    SettingKind.BYTES,
                    "1073741824",
                    "Bytes of such logs on one host; the oldest go first"),
            new Setting(
                    "gantry.containers.ulimits",
                    SettingKind.LIMITS,
                    "",
                    "`nofile=1024:2048,...`, soft and hard: of containers that have no `--ulimit` of that name"),
            new Setting(
                    "gantry.containers.shm-size",
                    SettingKind.SIZE,
                    "67108864",
                    "Size of `/dev/shm` without `--shm-size`, in bytes"),
            new Setting(
                    "gantry.containers.init", SettingKind.YES_OR_NO, "false", "`--init` where a client says neither"),
            new Setting(
                    "gantry.containers.ipc-mode", SettingKind.IPC_MODE, "private", "`--ipc` where a client says none"),
            new Setting(
                    "gantry.containers.cgroupns-mode",
                    SettingKind.CGROUP_NAMESPACE,
                    "",
                    "`--cgroupns` where a client says none; when empty `private` with cgroup v2, else `host`"),
            new Setting(
                    "gantry.containers.no-new-privileges",
                    SettingKind.YES_OR_NO,
                    "false",
                    "`--security-opt no-new-privileges` where a client says neither"),
            new Setting(
                    "gantry.containers.cgroup-parent",
                    SettingKind.TEXT,
                    "",
                    "`--cgroup-parent` where a client says none"),
            new Setting(
                    "gantry.containers.dns",
                    SettingKind.IP_ADDRESSES,
                    "",
                    "Name servers of containers without `--dns`"),
            new Setting("gantry.containers.dns-search", SettingKind.LIST, "", "The same for `--dns-search`"),
            new Setting("gantry.containers.dns-options", SettingKind.LIST, "", "The same for `--dns-opt`"),
            new Setting(
                    "gantry.registries.insecure",
                    SettingKind.REGISTRIES,
                    "",
                    "Registries, `host[:port]` or a range of addresses, whose certificates nobody needs to vouch for, and which may"
                            + " speak plain HTTP; those of this machine always are"),
            new Setting(
                    "gantry.registries.mirrors",
                    SettingKind.MIRRORS,
                    "",
                    "`https://host[:port][/path],...`: where images of Docker Hub are looked for before it is asked, in this order, without"
                            + " credentials"),
            new Setting(
                    "gantry.registries.max-concurrent-downloads",
                    SettingKind.COUNT,
                    "0",
                    "Layers that are downloaded at once; 0 for as many as are asked for"),
            new Setting(
                    "gantry.network.bridge",
                    SettingKind.INTERFACE,
                    "gantry0",
                    "Name of the predefined network's bridge on a host"),
            new Setting(
                    "gantry.network.bip",
                    SettingKind.BRIDGE_ADDRESS,
                    "",
                    "Address of that bridge, with the prefix length of the predefined network, on each host that comes from then on;"
                            + " the first one of a free subnet when empty"),
            new Setting(
                    "gantry.network.pools",
                    SettingKind.POOLS,
                    "172.18.0.0/15:16,172.20.0.0/14:16,172.24.0.0/13:16,172.17.0.0/16:16,192.168.0.0/16:20,10.128.0.0/9:20,"
                            + "10.0.0.0/9:20",
                    "Where networks without a `--subnet` get theirs, in this order: `base:prefix length`. Without IPv6 in it such"
                            + " subnets come from a unique local network of the cluster's own"),
            new Setting(
                    "gantry.agent.runtime",
                    SettingKind.TEXT,
                    "",
                    "`crun`, `runc` or one of `gantry.agent.runtimes`: of containers without `--runtime`; when empty the first of them that works"),
            new Setting(
                    "gantry.agent.runtimes",
                    SettingKind.RUNTIMES,
                    "",
                    "OCI runtimes for `--runtime` beside `crun` and `runc`: `name=/path argument,...`; one that does not work here is"
                            + " left out"),
            new Setting(
                    "gantry.agent.host-root",
                    SettingKind.DIRECTORY,
                    "/",
                    "Where the host's file system is. An agent in a container has it elsewhere, and then what it starts"
                            + " outlives that container"),
            new Setting(
                    "gantry.agent.cdi-directories",
                    SettingKind.DIRECTORIES,
                    "/etc/cdi,/var/run/cdi",
                    "Where the agent looks for devices of the Container Device Interface (`docker run --device"
                            + " vendor/class=name`); a later one replaces what an earlier one has"),
            new Setting(
                    "gantry.agent.plugin-directories",
                    SettingKind.DIRECTORIES,
                    "/run/docker/plugins,/etc/docker/plugins,/usr/lib/docker/plugins",
                    "Where the agent looks for volume plug-ins: sockets, and files `.spec` and `.json` that say where one"
                            + " listens"),
            new Setting(
                    "gantry.agent.nftables-table",
                    SettingKind.TABLE,
                    "gantry",
                    "The agent's nftables table; agents that share a host need different ones"),
            new Setting(
                    "gantry.image.content-url",
                    SettingKind.URL,
                    "unix://${gantry.run-dir}/internal.sock:/internal/image-service/content/",
                    "Where agents fetch layers; the digest is appended"),
            new Setting(
                    "gantry.tls.certificate",
                    SettingKind.FILE,
                    "",
                    "PEM file: what this process shows to agents or services over TCP"),
            new Setting("gantry.tls.key", SettingKind.FILE, "", "PEM file with its private key"),
            new Setting(
                    "gantry.tls.authority",
                    SettingKind.FILE,
                    "",
                    "PEM file with the authority of the peers' certificates"),
            new Setting(
                    "gantry.tls.services",
                    SettingKind.TEXT,
                    "",
                    "Common name in the services' certificates: agents then obey nobody else, and services serve each"
                            + " other over TCP"),
            new Setting(
                    "gantry.traces.endpoint",
                    SettingKind.HTTP_URL,
                    "",
                    "Where traces go: a receiver of OTLP over HTTP, `http://host:4318`; no traces when empty"));

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}:]+)}");

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

    /**
     * Every setting's value, the references in it resolved.
     *
     * @param file entries of the configuration file
     * @param environment of the process
     * @throws IllegalArgumentException for a value that is not of its setting's kind; the message names key and value
     */
    public static Map<String, String> effective(Map<String, String> file, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>();
        for (Setting setting : ALL) {
            String written = file.getOrDefault(setting.key(), setting.standard());
            String value = environment.getOrDefault(setting.environmentVariable(), written);
            values.put(setting.key(), value.isEmpty() ? written : value);
        }
        // A reference's own standard value may have one.
        values.replaceAll((key, value) -> resolved(resolved(value, values), values));
        for (Setting setting : ALL) {
            String value = values.get(setting.key());
            if (!value.contains("${") && !setting.kind().fits(value)) {
                String shown = setting.key().endsWith("password") ? "" : "=" + value;
                throw new IllegalArgumentException(
                        setting.key() + shown + " is no " + setting.kind().wanted());
            }
        }
        return values;
    }

    /**
     * The file's entries, and what follows from others: the reactive URL of the database that the JDBC URL names.
     *
     * @param values as {@link #effective} has them
     */
    static Map<String, String> withDerived(Map<String, String> file, Map<String, String> values) {
        Map<String, String> entries = new HashMap<>(file);
        String jdbcUrl = values.getOrDefault("gantry.postgres.jdbc-url", "");
        if (!jdbcUrl.isEmpty() && values.get("gantry.postgres.reactive-url").isEmpty()) {
            entries.put("gantry.postgres.reactive-url", jdbcUrl.replaceFirst("^jdbc:", ""));
        }
        if (!values.getOrDefault("gantry.traces.endpoint", "").isEmpty()) {
            entries.putIfAbsent("quarkus.otel.sdk.disabled", "false");
        }
        return entries;
    }

    /** One level of references. */
    private static String resolved(String value, Map<String, String> values) {
        return REFERENCE.matcher(value).replaceAll(reference -> {
            String target = values.get(reference.group(1));
            return Matcher.quoteReplacement(target == null ? reference.group() : target);
        });
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
