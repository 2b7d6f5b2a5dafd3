package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Log drivers that send lines away: what arrives, and what is refused. Receivers must be where the engine is. */
@EndpointTest
class LogDriversTest {
    private static final String LINES = "echo out1; sleep 0.2; echo err1 >&2; sleep 0.2; echo; printf 'a\\000b\\n'";
    private static final int PIECE = 16 * 1024;
    private static final AtomicInteger RUNS = new AtomicInteger();

    @BeforeEach
    void here(Docker docker) {
        assumeTrue(docker.endpoint().local(), "the engine is elsewhere");
    }

    private static String ran(Docker docker, String script, String... options) {
        String name = docker.name("shipped" + RUNS.incrementAndGet());
        List<String> arguments = new ArrayList<>(List.of("run", "--name", name, "--network", "none"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of(Images.BUSYBOX, "sh", "-c", script));
        Result result = docker.call(arguments.toArray(String[]::new));
        assertEquals(0, result.exitCode(), result.err());
        return name;
    }

    private static String[] driver(String driver, String... options) {
        List<String> all = new ArrayList<>(List.of("--log-driver", driver));
        for (String option : options) {
            all.addAll(List.of("--log-opt", option));
        }
        return all.toArray(String[]::new);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** What differs from run to run by its name. */
    private static String general(String message, String id) {
        return message.replace(id.substring(0, 12), "ID")
                .replaceAll("[A-Z][a-z]{2} [ 0-9][0-9] \\d\\d:\\d\\d:\\d\\d", "STAMP")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?=[Z+-])\\S*", "SECONDS")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\S*", "MICROS")
                .replaceAll("(STAMP|SECONDS|MICROS) (?!ID)(?!jolly)\\S+ ", "$1 HOST ")
                .replaceAll("\\[\\d+]", "[PID]")
                .replaceAll("(ID|jolly) \\d+ ", "$1 PID ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                " | 30 | 27 | STAMP ID[PID]: ",
                "syslog-facility=local3,syslog-format=rfc3164,tag=jolly | 158 | 155 | STAMP HOST jolly[PID]: ",
                "syslog-facility=1,syslog-format=rfc5424 | 14 | 11 | 1 SECONDS HOST ID PID ID - ",
                "syslog-format=rfc5424micro,tag=jolly | 30 | 27 | 1 MICROS HOST jolly PID jolly - ",
            })
    void syslog_over_udp(String options, String informed, String failed, String head, Docker docker)
            throws IOException {
        try (LogReceiver receiver = LogReceiver.udp()) {
            List<String> all = new ArrayList<>(List.of("syslog-address=udp://127.0.0.1:" + receiver.port()));
            if (options != null) {
                all.addAll(List.of(options.split(",")));
            }
            String name = ran(docker, LINES, driver("syslog", all.toArray(String[]::new)));
            String id = docker.inspect(name).at("/Id").asText();

            List<String> wanted = List.of(
                    "<" + informed + ">" + head + " out1\n",
                    "<" + failed + ">" + head + " err1\n",
                    "<" + informed + ">" + head + " a\0b\n");
            Docker.await("the messages", wanted, () -> receiver.datagrams().stream()
                    .map(message -> general(text(message), id))
                    .toList());
            assertEquals("", docker.inspect(name).at("/LogPath").asText());
            assertEquals("out1\n\na\0b\n", docker.call("logs", name).out());
            assertEquals("err1\n", docker.call("logs", name).err());
        }
    }

    @Test
    void syslog_over_tcp_and_unix_sockets(Docker docker, @TempDir Path directory) throws IOException {
        Path path = directory.resolve("syslog");
        try (LogReceiver tcp = LogReceiver.tcp();
                LogReceiver unix = LogReceiver.unix(path)) {
            ran(docker, "seq 3", driver("syslog", "syslog-address=tcp://127.0.0.1:" + tcp.port(), "tag=jolly"));
            Docker.await(
                    "the messages",
                    "<30>STAMP jolly[PID]: 1\n<30>STAMP jolly[PID]: 2\n<30>STAMP jolly[PID]: 3\n",
                    () -> general(text(tcp.bytes()), "xxxxxxxxxxxx"));
            docker.ok(concat(
                    new String[] {"run", "--rm", "--network", "none"},
                    driver("syslog", "syslog-address=unix://" + path, "tag=jolly"),
                    new String[] {Images.BUSYBOX, "seq", "2"}));
            Docker.await(
                    "the messages",
                    "<30>STAMP jolly[PID]: 1\n<30>STAMP jolly[PID]: 2\n",
                    () -> general(text(unix.bytes()), "xxxxxxxxxxxx"));
        }
    }

    @Test
    void syslog_over_a_unix_socket_of_datagrams(Docker docker, @TempDir Path directory) throws IOException {
        assumeTrue(Files.exists(Path.of("/usr/bin/perl")), "no perl, and Java has no such sockets");
        Path path = directory.resolve("syslog");
        try (LogReceiver receiver = LogReceiver.unixDatagrams(path)) {
            ran(docker, "seq 2000", driver("syslog", "syslog-address=unixgram://" + path, "tag=jolly"));
            String wanted = java.util.stream.IntStream.rangeClosed(1, 2000)
                    .mapToObj(i -> "<30>STAMP jolly[PID]: " + i + "\n")
                    .collect(java.util.stream.Collectors.joining());
            Docker.await("the messages", wanted, () -> general(text(receiver.bytes()), "xxxxxxxxxxxx"));
        }
    }

    private static String[] concat(String[]... parts) {
        return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
    }

    @Test
    void syslog_over_tls(Docker docker, @TempDir Path directory) throws Exception {
        SSLContext server = certified(directory);
        try (LogReceiver receiver =
                LogReceiver.tcp(server.getServerSocketFactory().createServerSocket(0), true)) {
            String address = "syslog-address=tcp+tls://127.0.0.1:" + receiver.port();
            ran(
                    docker,
                    "echo secret",
                    driver(
                            "syslog",
                            address,
                            "tag=jolly",
                            "syslog-format=rfc5424",
                            "syslog-tls-ca-cert=" + directory.resolve("ca.pem")));
            Docker.await("the message", () -> text(receiver.bytes()).endsWith("jolly - secret\n"));
            String message = text(receiver.bytes());
            int length = Integer.parseInt(message.substring(0, message.indexOf(' ')));
            assertEquals(message.length() - message.indexOf(' ') - 1, length);

            docker.ok(concat(
                    new String[] {"run", "--rm", "--network", "none"},
                    driver("syslog", address, "tag=jolly", "syslog-tls-skip-verify=true"),
                    new String[] {Images.BUSYBOX, "echo", "anybody"}));
            Docker.await("the message", () -> text(receiver.bytes()).endsWith(": anybody\n"));

            Result stranger = docker.call(
                    concat(new String[] {"run", "--rm", "--network", "none"}, driver("syslog", address), new String[] {
                        Images.BUSYBOX, "true"
                    }));
            assertEquals(125, stranger.exitCode());
            assertTrue(
                    stranger.err()
                            .contains(
                                    "failed to create task for container: failed to initialize logging driver: tls: failed to"
                                            + " verify certificate: x509: certificate signed by unknown authority"),
                    stranger.err());
        }
    }

    private static SSLContext certified(Path directory) throws Exception {
        Path store = directory.resolve("store.p12");
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        assumeTrue(Files.exists(tool), "no keytool");
        run(
                tool,
                "-genkeypair",
                "-alias",
                "own",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit");
        run(
                tool,
                "-exportcert",
                "-rfc",
                "-alias",
                "own",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit",
                "-file",
                directory.resolve("ca.pem").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private static void run(Path program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zlib", "none"})
    void gelf_over_udp(String compression, Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.udp()) {
            String name = ran(
                    docker,
                    LINES + "; head -c 3000 /dev/urandom | od -An -tx1 | tr -d ' \\n'; echo",
                    concat(
                            new String[] {"-l", "l1=v1", "-e", "E1=v2"},
                            driver(
                                    "gelf",
                                    "gelf-address=udp://127.0.0.1:" + receiver.port(),
                                    "gelf-compression-type=" + compression,
                                    "labels=l1",
                                    "env=E1",
                                    "tag={{.Name}}")));
            Docker.await("the messages", 4, () -> objects(receiver.datagrams()).size());
            List<JsonNode> objects = objects(receiver.datagrams());
            JsonNode first = objects.getFirst();
            assertEquals("1.1", first.at("/version").asText());
            assertEquals("out1", first.at("/short_message").asText());
            assertEquals(6, first.at("/level").asInt());
            assertEquals(3, objects.get(1).at("/level").asInt());
            assertEquals("a\0b", objects.get(2).at("/short_message").asText());
            assertEquals(6000, objects.get(3).at("/short_message").asText().length());
            JsonNode container = docker.inspect(name);
            assertEquals(container.at("/Id"), first.at("/_container_id"));
            assertEquals(name, first.at("/_container_name").asText());
            assertEquals(name, first.at("/_tag").asText());
            assertEquals(container.at("/Image"), first.at("/_image_id"));
            assertEquals(Images.BUSYBOX, first.at("/_image_name").asText());
            assertEquals("v1", first.at("/_l1").asText());
            assertEquals("v2", first.at("/_E1").asText());
            assertTrue(first.at("/_command").asText().startsWith("sh -c echo out1"));
            assertFalse(first.at("/_created").asText().isEmpty());
            assertTrue(first.at("/timestamp").isNumber());
            assertFalse(first.at("/host").asText().isEmpty());
            assertEquals(14, first.size());
        }
    }

    /** The pieces of a large one arrive in order on one machine. */
    private static List<JsonNode> objects(List<byte[]> datagrams) {
        List<JsonNode> objects = new ArrayList<>();
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        for (byte[] datagram : datagrams) {
            if (datagram[0] == 0x1e && datagram[1] == 0x0f) {
                pieces.write(datagram, 12, datagram.length - 12);
                if (datagram[10] + 1 == datagram[11]) {
                    objects.add(Docker.json(unpacked(pieces.toByteArray())));
                    pieces.reset();
                }
            } else {
                objects.add(Docker.json(unpacked(datagram)));
            }
        }
        return objects;
    }

    private static String unpacked(byte[] bytes) {
        try (InputStream in = bytes[0] == '{'
                ? new ByteArrayInputStream(bytes)
                : bytes[0] == 0x1f
                        ? new GZIPInputStream(new ByteArrayInputStream(bytes))
                        : new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void gelf_over_tcp(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.tcp()) {
            ran(
                    docker,
                    "seq 2",
                    driver(
                            "gelf",
                            "gelf-address=tcp://127.0.0.1:" + receiver.port(),
                            "gelf-tcp-max-reconnect=5",
                            "gelf-tcp-reconnect-delay=1"));
            Docker.await(
                    "the messages",
                    () -> text(receiver.bytes()).chars().filter(c -> c == 0).count() == 2);
            String[] objects = text(receiver.bytes()).split("\0");
            assertEquals("1", Docker.json(objects[0]).at("/short_message").asText());
            assertEquals("2", Docker.json(objects[1]).at("/short_message").asText());
        }
    }

    @Test
    void fluentd_gets_records(Docker docker, @TempDir Path directory) throws IOException {
        Path path = directory.resolve("fluentd");
        try (LogReceiver receiver = LogReceiver.tcp();
                LogReceiver unix = LogReceiver.unix(path)) {
            String name = ran(
                    docker,
                    LINES,
                    concat(
                            new String[] {"-l", "l1=v1"},
                            driver(
                                    "fluentd",
                                    "fluentd-address=127.0.0.1:" + receiver.port(),
                                    "tag=jolly.{{.Name}}",
                                    "labels=l1")));
            String id = docker.inspect(name).at("/Id").asText();
            List<String> wanted = List.of(
                    record(name, id, "stdout", "out1"),
                    record(name, id, "stderr", "err1"),
                    record(name, id, "stdout", ""),
                    record(name, id, "stdout", "a\0b"));
            Docker.await("the records", wanted, () -> records(receiver.bytes()));

            ran(
                    docker,
                    "echo exact",
                    driver(
                            "fluentd",
                            "fluentd-address=unix://" + path,
                            "fluentd-sub-second-precision=true",
                            "fluentd-async=true"));
            Docker.await("the record", 1, () -> records(unix.bytes()).size());
            assertTrue(records(unix.bytes()).getFirst().contains("log=exact"));
            assertTrue(records(unix.bytes()).getFirst().contains("exact to the nanosecond"));
        }
    }

    @Test
    void fluentd_acknowledges(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.acknowledging()) {
            ran(
                    docker,
                    "seq 3",
                    driver("fluentd", "fluentd-address=127.0.0.1:" + receiver.port(), "fluentd-request-ack=true"));
            Docker.await("the records", 3, () -> records(receiver.bytes()).size());
            assertTrue(records(receiver.bytes()).getLast().matches(".*\\{chunk=.*}"));
        }
    }

    @Test
    void fluentd_is_connected_to_anew_in_intervals(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.tcp()) {
            ran(
                    docker,
                    "for i in 1 2 3 4; do echo $i; sleep 0.3; done",
                    driver(
                            "fluentd",
                            "fluentd-address=127.0.0.1:" + receiver.port(),
                            "fluentd-async=true",
                            "fluentd-async-reconnect-interval=100ms"));
            Docker.await("the records", 4, () -> records(receiver.bytes()).size());
            assertTrue(receiver.connections() > 2, () -> receiver.connections() + " connections");
        }
    }

    private static String record(String name, String id, String source, String line) {
        Map<String, String> fields = new TreeMap<>(
                Map.of("container_id", id, "container_name", "/" + name, "source", source, "log", line, "l1", "v1"));
        return "jolly." + name + " " + fields + " {}";
    }

    /** Complete messages of fluentd's forward protocol: tag, fields, options. */
    private static List<String> records(byte[] bytes) {
        List<String> records = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            while (in.hasRemaining()) {
                List<?> message = (List<?>) value(in);
                String time = message.get(1) instanceof Long ? "" : "exact to the nanosecond ";
                records.add(
                        message.get(0) + " " + time + new TreeMap<>((Map<?, ?>) message.get(2)) + " " + message.get(3));
            }
        } catch (java.nio.BufferUnderflowException e) {
            // The rest is on its way.
            return records;
        }
        return records;
    }

    /** What drivers write of MessagePack. */
    private static Object value(ByteBuffer in) {
        int type = in.get() & 0xff;
        if (type >= 0x90 && type <= 0x9f) {
            List<Object> list = new ArrayList<>();
            for (int i = 0; i < (type & 0xf); i++) {
                list.add(value(in));
            }
            return list;
        }
        if (type >= 0x80 && type <= 0x8f) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < (type & 0xf); i++) {
                map.put(value(in), value(in));
            }
            return map;
        }
        return switch (type) {
            case 0xce, 0xd2 -> (long) in.getInt();
            case 0xcf, 0xd3 -> in.getLong();
            case 0xd7 -> in.get() + ":" + in.getLong();
            case 0xd9 -> string(in, in.get() & 0xff);
            case 0xda -> string(in, in.getShort() & 0xffff);
            case 0xdb -> string(in, in.getInt());
            default -> string(in, type & 0x1f);
        };
    }

    private static String string(ByteBuffer in, int size) {
        byte[] bytes = new byte[size];
        in.get(bytes);
        return text(bytes);
    }

    @Test
    void long_lines_come_in_pieces(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.tcp()) {
            ran(
                    docker,
                    "head -c " + (2 * PIECE + 5) + " /dev/zero | tr '\\0' x; echo; sleep 0.2; printf rest",
                    driver("fluentd", "fluentd-address=tcp://127.0.0.1:" + receiver.port()));
            Docker.await("the pieces", 4, () -> records(receiver.bytes()).size());
            List<String> pieces = records(receiver.bytes()).stream()
                    .map(record -> record.replaceAll("x{" + PIECE + "}", "X")
                            .replaceAll(".*log=(\\w*), (partial_id=\\w+, )?", "$1, "))
                    .toList();
            String common = ", partial_message=true, partial_ordinal=";
            assertEquals(
                    List.of(
                            "X, partial_last=false" + common + "1",
                            "X, partial_last=false" + common + "2",
                            "xxxxx, partial_last=true" + common + "3",
                            "rest, partial_last=false" + common + "1"),
                    pieces.stream()
                            .map(piece -> piece.replaceAll(", source=.*", ""))
                            .toList());
        }
    }

    @Test
    void output_is_not_to_be_read_without_a_cache(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.udp()) {
            String name = ran(
                    docker,
                    "echo away",
                    driver("syslog", "syslog-address=udp://127.0.0.1:" + receiver.port(), "cache-disabled=true"));
            Result logs = docker.call("logs", name);

            assertEquals(1, logs.exitCode());
            assertEquals(
                    "Error response from daemon: configured logging driver does not support reading\n", logs.err());
        }
    }

    @Test
    void a_container_does_not_wait_for_a_target_that_takes_nothing(Docker docker) throws IOException {
        try (LogReceiver receiver = LogReceiver.deaf()) {
            String name = docker.name("unheard");
            docker.ok(concat(
                    new String[] {"run", "-d", "--name", name, "--network", "none"},
                    driver(
                            "syslog",
                            "syslog-address=tcp://127.0.0.1:" + receiver.port(),
                            "mode=non-blocking",
                            "max-buffer-size=1m"),
                    new String[] {Images.BUSYBOX, "sh", "-c", "seq 1000000; touch /done; sleep 1000"}));

            Docker.await(
                    "all is written",
                    () -> docker.call("exec", name, "test", "-e", "/done").exitCode() == 0);
            // dockerd's removal would wait for it.
            receiver.hear();
            docker.ok("rm", "-f", name);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "syslog | syslog-address=tcp://127.0.0.1:1 | dial tcp 127.0.0.1:1: connect: connection refused",
                "syslog | syslog-address=tcp+tls://127.0.0.1:1 | dial tcp 127.0.0.1:1: connect: connection refused",
                "syslog | syslog-address=tcp+tls://127.0.0.1:1,syslog-tls-ca-cert=/nosuch | could not read CA certificate \"/nosuch\": open /nosuch: no such file or directory",
                "syslog | syslog-address=tcp+tls://127.0.0.1:1,syslog-tls-cert=/nosuch | Could not load X509 key pair: open /nosuch: no such file or directory",
                "syslog | syslog-address=udp://127.0.0.1:1,tag={{.Foo}} | template: log-tag:1:2: executing \"log-tag\" at <.Foo>: can't evaluate field Foo in type *logger.Info",
                "fluentd | fluentd-address=127.0.0.1:1 | dial tcp 127.0.0.1:1: connect: connection refused",
                "fluentd | fluentd-address=unix:///nosuch | dial unix /nosuch: connect: no such file or directory",
                "fluentd | fluentd-address=tls://127.0.0.1:1 | dial tcp 127.0.0.1:1: connect: connection refused",
                "gelf | gelf-address=tcp://127.0.0.1:1 | gelf: cannot connect to GELF endpoint: 127.0.0.1:1 dial tcp 127.0.0.1:1: connect: connection refused",
                "gelf | gelf-address=udp://127.0.0.1:1,labels-regex=( | error parsing regexp: missing closing ): `(`",
            })
    void a_start_fails_when_the_driver_cannot_begin(String driver, String options, String message, Docker docker) {
        Result result = docker.call(concat(
                new String[] {"run", "--rm", "--network", "none"},
                driver(driver, options.split(",")),
                new String[] {Images.BUSYBOX, "true"}));

        assertEquals(message.contains("no such file") ? 127 : 125, result.exitCode());
        String wanted = "failed to create task for container: failed to initialize logging driver: " + message;
        assertTrue(result.err().contains(wanted), result.err());
    }

    @Test
    void a_start_does_not_wait_for_an_asynchronous_target(Docker docker) {
        String name = ran(docker, "echo kept", driver("fluentd", "fluentd-address=127.0.0.1:1", "fluentd-async=true"));

        assertEquals("kept\n", docker.call("logs", name).out());
        docker.ok("rm", "-f", name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "syslog | x=1 | unknown log opt 'x' for syslog log driver",
                "syslog | max-size=1m | unknown log opt 'max-size' for syslog log driver",
                "syslog | cache-foo=1 | unknown log opt 'cache-foo' for syslog log driver",
                "syslog | cache-disabled=x | invalid value for option cache-disabled: x",
                "syslog | syslog-address=foo | unsupported scheme: ''",
                "syslog | syslog-address=http://a | unsupported scheme: 'http'",
                "syslog | syslog-address=udp://a:b:c | parse \"udp://a:b:c\": invalid port \":c\" after host",
                "syslog | syslog-address=tcp://%zz | parse \"tcp://%zz\": invalid URL escape \"%zz\"",
                "syslog | syslog-facility=24 | invalid syslog facility",
                "syslog | syslog-format=x | Invalid syslog format",
                "journald | x=1 | unknown log opt 'x' for journald log driver",
                "gelf | x=1 | gelf-address is a required parameter",
                "gelf | gelf-address=http://a:1 | gelf: endpoint needs to be TCP or UDP",
                "gelf | gelf-address=udp://a | gelf: please provide gelf-address as proto://host:port",
                "gelf | gelf-address=udp://a:1,x=1 | unknown log opt \"x\" for gelf log driver",
                "gelf | gelf-address=udp://a:1,gelf-compression-type=x | unknown value \"x\" for log opt \"gelf-compression-type\" for gelf log driver",
                "gelf | gelf-address=udp://a:1,gelf-compression-level=10 | unknown value \"10\" for log opt \"gelf-compression-level\" for gelf log driver",
                "gelf | gelf-address=udp://a:1,gelf-tcp-max-reconnect=1 | \"gelf-tcp-max-reconnect\" is only valid for TCP",
                "gelf | gelf-address=tcp://a:1,gelf-compression-type=gzip | compression is only supported on UDP",
                "gelf | gelf-address=tcp://a:1,gelf-tcp-reconnect-delay=-1 | \"gelf-tcp-reconnect-delay\" must be a positive integer",
                "fluentd | x=1 | unknown log opt 'x' for fluentd log driver",
                "fluentd | fluentd-address=http://a | invalid fluentd-address (http://a): unsupported scheme: 'http'",
                "fluentd | fluentd-address=tcp://a/b | invalid fluentd-address (tcp://a/b): should not contain a path element",
                "fluentd | fluentd-address=unix:// | invalid fluentd-address (unix://): path is empty",
                "fluentd | fluentd-address=a:99999 | invalid fluentd-address (a:99999): invalid port: strconv.ParseUint: parsing \"99999\": value out of range",
                "fluentd | fluentd-address=a:x | invalid fluentd-address (a:x): parse \"tcp://a:x\": invalid port \":x\" after host",
                "fluentd | fluentd-buffer-limit=x | invalid size: 'x'",
                "fluentd | fluentd-retry-wait=x | time: invalid duration \"x\"",
                "fluentd | fluentd-retry-wait=1 | time: missing unit in duration \"1\"",
                "fluentd | fluentd-max-retries=-1 | strconv.ParseUint: parsing \"-1\": invalid syntax",
                "fluentd | fluentd-async=x | strconv.ParseBool: parsing \"x\": invalid syntax",
                "fluentd | fluentd-async=true,fluentd-async-connect=true | conflicting options: cannot specify both 'fluentd-async' and 'fluentd-async-connect",
                "fluentd | fluentd-async-reconnect-interval=x | invalid value for fluentd-async-reconnect-interval: time: invalid duration \"x\"",
                "fluentd | fluentd-async-reconnect-interval=11s | invalid value for fluentd-async-reconnect-interval: value (\"11s\") must be between 100ms and 10s",
                "fluentd | fluentd-request-ack=x | strconv.ParseBool: parsing \"x\": invalid syntax",
            })
    void a_create_refuses(String driver, String options, String message, Docker docker) {
        Result result = docker.call(concat(
                new String[] {"create"}, driver(driver, options.split(",")), new String[] {Images.BUSYBOX, "true"}));

        assertEquals(1, result.exitCode());
        assertEquals(
                "Error response from daemon: " + message + "\n", result.err().replaceAll("\n\nRun .*\n", "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{{upper .Name}} | NAME",
                "{{.Name|upper|lower}} | name",
                "{{pad .Name 1 2}} | +name++",
                "{{truncate .FullID 0}}{{title \"foo bar\"}} | Foo+Bar",
                "{{join (split \"a-b\" \"-\") \"+\"}} | a%2Bb",
                "{{split \"a-b\" \"-\"}} | %5Ba+b%5D",
                "{{json .Name}}{{/* c */}} | %22name%22",
                "{{len .ID}} {{- .Name -}} x | 12namex",
                "{{.ContainerLabels}} | map%5Bl%3A1%5D",
            })
    void functions_in_tags(String template, String tag, Docker docker) {
        String name = ran(docker, "echo x", "-l", "l=1", "--log-opt", "tag=" + template);

        String wanted = tag.replace("name", name).replace("NAME", name.toUpperCase());
        assertEquals(
                "tag=" + wanted + " x\n", docker.call("logs", "--details", name).out());
    }

    @Test
    void compressed_files_are_read(Docker docker) {
        String name = ran(
                docker,
                "for i in 1 2 3 4 5 6; do seq 500; sleep 0.4; done",
                driver("json-file", "max-size=20k", "max-file=20", "compress=true"));

        assertEquals(3000, docker.call("logs", name).lines().size());
        assertEquals(1000, docker.call("logs", "--tail", "1000", name).lines().size());
        String local = ran(
                docker, "for i in 1 2 3; do seq 500; sleep 0.4; done", driver("local", "max-size=20k", "max-file=20"));
        assertEquals(1500, docker.call("logs", local).lines().size());
    }
}
