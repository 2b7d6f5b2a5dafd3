package dev.gantry.agent.log.remote;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.Shipping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** {@code journald}: the fields that dockerd writes, by the journal's native protocol. */
final class JournaldTarget implements LogTarget {
    private static final Path JOURNAL = Path.of("/run/systemd/journal/socket");
    private static final int SHORT_ID = 12;
    private static final int EPOCH_BYTES = 32;

    private final byte[] common;
    private final DatagramConnection journal;
    private long ordinal;

    JournaldTarget(ContainerSpec container) throws IOException {
        Shipping shipping = container.log().shipping();
        byte[] epoch = new byte[EPOCH_BYTES];
        new Random().nextBytes(epoch);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("CONTAINER_ID", container.id().substring(0, SHORT_ID));
        fields.put("CONTAINER_ID_FULL", container.id());
        fields.put("CONTAINER_NAME", container.name());
        fields.put("CONTAINER_TAG", shipping.tag());
        fields.put("IMAGE_NAME", shipping.imageName());
        fields.put("SYSLOG_IDENTIFIER", shipping.tag());
        fields.put("CONTAINER_LOG_EPOCH", HexFormat.of().formatHex(epoch));
        fields.putAll(shipping.attributes());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach((name, value) -> field(out, name, value));
        common = out.toByteArray();
        try {
            journal = DatagramConnection.unix(JOURNAL);
        } catch (IOException e) {
            throw new IOException("journald is not enabled on this host", e);
        }
    }

    @Override
    public void send(LogMessage message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(common.length + message.text().length + 200);
        field(out, "PRIORITY", message.stderr() ? "3" : "6");
        field(out, "MESSAGE", message.text());
        out.writeBytes(common);
        field(out, "SYSLOG_TIMESTAMP", message.time().toString());
        field(out, "CONTAINER_LOG_ORDINAL", Long.toString(++ordinal));
        LogMessage.Partial partial = message.partial();
        if (partial != null) {
            field(out, "CONTAINER_PARTIAL_ID", partial.id());
            field(out, "CONTAINER_PARTIAL_ORDINAL", Integer.toString(partial.ordinal()));
            field(out, "CONTAINER_PARTIAL_LAST", Boolean.toString(partial.last()));
            if (!partial.last()) {
                field(out, "CONTAINER_PARTIAL_MESSAGE", "true");
            }
        }
        journal.send(out.toByteArray());
    }

    private static void field(ByteArrayOutputStream out, String name, String value) {
        field(out, name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A value with a line end in it has its length before it, 64 bits with the least first. */
    private static void field(ByteArrayOutputStream out, String name, byte[] value) {
        out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        boolean plain = Arrays.equals(
                value,
                new String(value, StandardCharsets.ISO_8859_1).replace("\n", "").getBytes(StandardCharsets.ISO_8859_1));
        if (plain) {
            out.write('=');
        } else {
            out.write('\n');
            out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value.length)
                    .array());
        }
        out.writeBytes(value);
        out.write('\n');
    }

    @Override
    public void flush() {
        // Each message is sent at once.
    }

    @Override
    public void close() {
        journal.close();
    }
}
