package dev.gantry.agent.log.remote;

import dev.gantry.agent.api.ContainerSpec.Shipping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code syslog}: the messages that dockerd's driver makes, with the line's own time. Empty lines are not sent. */
final class SyslogTarget implements LogTarget {
    private static final List<String> FACILITIES = List.of(
            "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp");
    private static final int LOCAL_0 = 16;
    private static final int ERROR = 3;
    private static final int INFORMATION = 6;
    /** Where programs of this host find their syslog. */
    private static final List<String> HOST = List.of("/dev/log", "/var/run/syslog", "/var/run/log");

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssXXX");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSXXX");

    private final String tag;
    private final String format;
    private final int facility;
    private final boolean counted;
    private final String host = ThisHost.name();
    private final long pid = ProcessHandle.current().pid();
    /** One of the two is there. */
    private StreamConnection stream;

    private DatagramConnection datagrams;

    SyslogTarget(Shipping shipping) throws IOException {
        Map<String, String> options = shipping.options();
        tag = shipping.tag();
        format = options.getOrDefault("syslog-format", "");
        facility = facility(options.getOrDefault("syslog-facility", ""));
        counted = shipping.network().equals("tcp+tls") && format.startsWith("rfc5424");
        connect(shipping);
    }

    private void connect(Shipping shipping) throws IOException {
        Path path = Path.of(shipping.network().startsWith("unix") ? shipping.address() : "/");
        if (!Files.exists(path)) {
            throw new IOException("stat " + path + ": no such file or directory");
        }
        switch (shipping.network()) {
            case "udp" -> datagrams = DatagramConnection.udp(shipping.address());
            case "tcp" -> stream = StreamConnection.tcp(shipping.address(), null);
            case "tcp+tls" -> stream = StreamConnection.tcp(shipping.address(), tls(shipping.options()));
            case "unix" -> stream = StreamConnection.unix(path);
            case "unixgram" -> datagrams = DatagramConnection.unix(path);
            default -> connectToHost();
        }
    }

    private static TlsFiles tls(Map<String, String> options) {
        return new TlsFiles(
                options.get("syslog-tls-ca-cert"),
                options.get("syslog-tls-cert"),
                options.get("syslog-tls-key"),
                options.containsKey("syslog-tls-skip-verify"));
    }

    private void connectToHost() throws IOException {
        for (String path : HOST) {
            try {
                datagrams = DatagramConnection.unix(Path.of(path));
                return;
            } catch (IOException e) {
                // Perhaps a stream, perhaps elsewhere.
                continue;
            }
        }
        for (String path : HOST) {
            try {
                stream = StreamConnection.unix(Path.of(path));
                return;
            } catch (IOException e) {
                // Perhaps elsewhere.
                continue;
            }
        }
        throw new IOException("Unix syslog delivery error");
    }

    private static int facility(String text) {
        if (text.isEmpty()) {
            return FACILITIES.indexOf("daemon");
        }
        if (text.matches("local[0-7]")) {
            return LOCAL_0 + text.charAt(5) - '0';
        }
        int known = FACILITIES.indexOf(text);
        return known >= 0 ? known : Integer.parseInt(text);
    }

    @Override
    public void send(LogMessage message) throws IOException {
        if (message.text().length == 0) {
            return;
        }
        byte[] head = head(message).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream line = new ByteArrayOutputStream(head.length + message.text().length + 8);
        if (counted) {
            line.writeBytes((head.length + message.text().length + 1 + " ").getBytes(StandardCharsets.US_ASCII));
        }
        line.writeBytes(head);
        line.writeBytes(message.text());
        line.write('\n');
        if (stream != null) {
            stream.write(line.toByteArray());
        } else {
            datagrams.send(line.toByteArray());
        }
    }

    private String head(LogMessage message) {
        int priority = facility * 8 + (message.stderr() ? ERROR : INFORMATION);
        OffsetDateTime time = message.time().atZone(ZoneId.systemDefault()).toOffsetDateTime();
        return switch (format) {
            case "rfc3164" -> "<" + priority + ">" + STAMP.format(time) + " " + host + " " + tag + "[" + pid + "]: ";
            case "rfc5424", "rfc5424micro" ->
                "<" + priority + ">1 " + (format.equals("rfc5424") ? SECONDS : MICROS).format(time) + " " + host + " "
                        + tag + " " + pid + " " + tag + " - ";
            default -> "<" + priority + ">" + STAMP.format(time) + " " + tag + "[" + pid + "]: ";
        };
    }

    @Override
    public void flush() throws IOException {
        if (stream != null) {
            stream.flush();
        }
    }

    @Override
    public void close() {
        if (stream != null) {
            stream.close();
        } else {
            datagrams.close();
        }
    }
}
