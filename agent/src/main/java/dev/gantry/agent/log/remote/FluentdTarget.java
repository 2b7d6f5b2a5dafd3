package dev.gantry.agent.log.remote;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Shipping;
import dev.gantry.agent.api.query.GoDuration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** {@code fluentd}: one message of its forward protocol for each line. */
final class FluentdTarget implements LogTarget {
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final int CHUNK_BYTES = 16;
    /** A map of one entry with two short strings; fluentd's is 33 bytes. */
    private static final int ANSWER_MOST = 256;

    private final Shipping shipping;
    private final String container;
    private final String name;
    private final boolean exact;
    private final boolean acknowledged;
    /** In nanoseconds; 0 for a connection that lasts. */
    private final long reconnect;

    private volatile StreamConnection stream;
    private long since;

    FluentdTarget(ContainerSpec spec) throws IOException {
        shipping = spec.log().shipping();
        container = spec.id();
        name = "/" + spec.name();
        exact = LogTargets.truth(shipping.options().get("fluentd-sub-second-precision"));
        acknowledged = LogTargets.truth(shipping.options().get("fluentd-request-ack"));
        String interval = shipping.options().get("fluentd-async-reconnect-interval");
        reconnect =
                isAsync(shipping.options()) ? duration(interval, Duration.ZERO).toNanos() : 0;
        connect();
    }

    private void connect() throws IOException {
        stream = switch (shipping.network()) {
            case "unix" -> StreamConnection.unix(Path.of(shipping.address()));
            case "tls" -> StreamConnection.tcp(shipping.address(), new TlsFiles(null, null, null, false));
            default -> StreamConnection.tcp(shipping.address(), null);
        };
        since = System.nanoTime();
    }

    /** A name may have become another address. */
    private void connectAnew() throws IOException {
        stream.flush();
        stream.close();
        connect();
    }

    static boolean isAsync(Map<String, String> options) {
        return LogTargets.truth(options.get("fluentd-async")) || LogTargets.truth(options.get("fluentd-async-connect"));
    }

    static Retry retry(Map<String, String> options) {
        return new Retry(
                duration(options.get("fluentd-retry-wait"), Duration.ofSeconds(1)),
                1.5,
                LONGEST,
                number(options.get("fluentd-max-retries"), Integer.MAX_VALUE),
                isAsync(options) ? number(options.get("fluentd-buffer-limit"), 1 << 20) : Long.MAX_VALUE);
    }

    private static Duration duration(String text, Duration otherwise) {
        return text == null || text.isEmpty() ? otherwise : GoDuration.parse(text);
    }

    private static long number(String text, long otherwise) {
        return text == null || !text.matches("[0-9]{1,18}") ? otherwise : Long.parseLong(text);
    }

    @Override
    public void send(LogMessage message) throws IOException {
        if (reconnect > 0 && System.nanoTime() - since >= reconnect) {
            connectAnew();
        }
        Map<String, byte[]> record = new LinkedHashMap<>();
        record.put("container_id", MessagePack.bytes(container));
        record.put("container_name", MessagePack.bytes(name));
        record.put("source", MessagePack.bytes(message.source()));
        record.put("log", message.text());
        shipping.attributes().forEach((key, value) -> record.put(key, MessagePack.bytes(value)));
        LogMessage.Partial partial = message.partial();
        if (partial != null) {
            record.put("partial_message", MessagePack.bytes("true"));
            record.put("partial_id", MessagePack.bytes(partial.id()));
            record.put("partial_ordinal", MessagePack.bytes(Integer.toString(partial.ordinal())));
            record.put("partial_last", MessagePack.bytes(Boolean.toString(partial.last())));
        }
        String chunk = acknowledged ? chunk() : null;
        MessagePack out = new MessagePack().array(4).string(MessagePack.bytes(shipping.tag()));
        if (exact) {
            out.eventTime(message.time());
        } else {
            out.number(message.time().getEpochSecond());
        }
        out.map(record.size());
        record.forEach((key, value) -> out.string(MessagePack.bytes(key)).string(value));
        out.map(acknowledged ? 1 : 0);
        if (acknowledged) {
            out.string(MessagePack.bytes("chunk")).string(MessagePack.bytes(chunk));
        }
        stream.write(out.toByteArray());
        if (acknowledged) {
            stream.flush();
            awaitAnswer(chunk);
        }
    }

    private static String chunk() {
        byte[] id = new byte[CHUNK_BYTES];
        new Random().nextBytes(id);
        return Base64.getEncoder().encodeToString(id);
    }

    /** {@code {"ack": chunk}}: both strings are short, so that the map has one form, of five bytes and the chunk. */
    private void awaitAnswer(String chunk) throws IOException {
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf(chunk) < 0) {
            int next = stream.read();
            if (next < 0) {
                throw new IOException("the target has closed without an answer");
            }
            if (answer.length() > ANSWER_MOST) {
                throw new IOException("the target answers with something else");
            }
            answer.append((char) next);
        }
    }

    @Override
    public void flush() throws IOException {
        stream.flush();
    }

    @Override
    public void close() {
        stream.close();
    }
}
