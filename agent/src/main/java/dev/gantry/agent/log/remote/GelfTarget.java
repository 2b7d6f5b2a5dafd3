package dev.gantry.agent.log.remote;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Shipping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** {@code gelf}: a JSON object for each line, over UDP compressed and in pieces, over TCP with a zero behind it. */
final class GelfTarget implements LogTarget {
    private static final int ERROR = 3;
    private static final int INFORMATION = 6;
    /** Of a datagram, as dockerd sends them; 12 of these bytes are the head of a piece. */
    private static final int DATAGRAM = 1420;

    private static final int HEAD = 12;
    private static final int PIECES_MOST = 128;
    private static final byte[] MAGIC = {0x1e, 0x0f};
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String host = ThisHost.name();
    private final Map<String, Object> common = new LinkedHashMap<>();
    private final String compression;
    private final int level;
    private final Random random = new Random();
    /** One of the two is there. */
    private final StreamConnection stream;

    private final DatagramConnection datagrams;

    GelfTarget(ContainerSpec container) throws IOException {
        Shipping shipping = container.log().shipping();
        common.put("_command", shipping.command());
        common.put("_container_id", container.id());
        common.put("_container_name", container.name());
        common.put("_created", shipping.created().toString());
        common.put("_image_id", shipping.imageId());
        common.put("_image_name", shipping.imageName());
        common.put("_tag", shipping.tag());
        common.putAll(shipping.attributes());
        compression = shipping.options().getOrDefault("gelf-compression-type", "gzip");
        level = Integer.parseInt(shipping.options().getOrDefault("gelf-compression-level", "1"));
        boolean tcp = shipping.network().equals("tcp");
        try {
            stream = tcp ? StreamConnection.tcp(shipping.address(), null) : null;
            datagrams = tcp ? null : DatagramConnection.udp(shipping.address());
        } catch (IOException e) {
            throw new IOException(
                    "gelf: cannot connect to GELF endpoint: " + shipping.address() + " " + e.getMessage(), e);
        }
    }

    /** dockerd's defaults are three attempts, a second apart. */
    static Retry retry(Shipping shipping) {
        Duration delay =
                Duration.ofSeconds(Integer.parseInt(shipping.options().getOrDefault("gelf-tcp-reconnect-delay", "1")));
        int attempts = Integer.parseInt(shipping.options().getOrDefault("gelf-tcp-max-reconnect", "3"));
        return new Retry(delay, 1, delay, attempts, Long.MAX_VALUE);
    }

    @Override
    public void send(LogMessage message) throws IOException {
        if (message.text().length == 0) {
            return;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", "1.1");
        object.put("host", host);
        object.put("short_message", new String(message.text(), StandardCharsets.UTF_8));
        object.put("timestamp", BigDecimal.valueOf(message.time().toEpochMilli(), 3));
        object.put("level", message.stderr() ? ERROR : INFORMATION);
        object.putAll(common);
        byte[] json = JSON.writeValueAsBytes(object);
        if (stream != null) {
            stream.write(json);
            stream.write(new byte[1]);
        } else {
            sendPieces(compressed(json));
        }
    }

    private byte[] compressed(byte[] json) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (compression) {
            case "none" -> out.writeBytes(json);
            case "zlib" -> {
                Deflater deflater = new Deflater(level);
                try (DeflaterOutputStream zlib = new DeflaterOutputStream(out, deflater)) {
                    zlib.write(json);
                } finally {
                    deflater.end();
                }
            }
            default -> {
                try (GZIPOutputStream gzip = new Gzip(out, level)) {
                    gzip.write(json);
                }
            }
        }
        return out.toByteArray();
    }

    /** Java's own has no level. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(ByteArrayOutputStream out, int level) throws IOException {
            super(out);
            def.setLevel(level);
        }
    }

    private void sendPieces(byte[] bytes) throws IOException {
        if (bytes.length <= DATAGRAM) {
            datagrams.send(bytes);
            return;
        }
        int size = DATAGRAM - HEAD;
        int count = (bytes.length + size - 1) / size;
        if (count > PIECES_MOST) {
            // No receiver takes more: dockerd loses it, too.
            return;
        }
        long id = random.nextLong();
        for (int number = 0; number < count; number++) {
            int length = Math.min(size, bytes.length - number * size);
            datagrams.send(ByteBuffer.allocate(HEAD + length)
                    .put(MAGIC)
                    .putLong(id)
                    .put((byte) number)
                    .put((byte) count)
                    .put(bytes, number * size, length)
                    .array());
        }
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
