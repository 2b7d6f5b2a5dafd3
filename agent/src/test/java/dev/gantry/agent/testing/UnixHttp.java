package dev.gantry.agent.testing;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Just enough HTTP over a unix socket: one request a connection, answers with a length. */
public record UnixHttp(Path socket) {
    public static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    /** An answer whose body was read to the end of the connection. */
    public record Answer(int status, byte[] body) {
        public <T> T as(Class<T> type) throws IOException {
            return JSON.readValue(body, type);
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** @param body null for none, else made to JSON */
    public Answer send(String method, String path, Object body, String... headers) throws IOException {
        byte[] content = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: agent\r\n");
        head.append("Content-Type: application/json\r\nContent-Length: ").append(content.length);
        boolean upgrade = false;
        for (String header : headers) {
            head.append("\r\n").append(header);
            upgrade |= header.startsWith("Upgrade:");
        }
        head.append(upgrade ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, head.toString().getBytes(StandardCharsets.US_ASCII));
            write(channel, content);
            return parse(readAll(channel));
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toByteArray();
    }

    private static Answer parse(byte[] answer) throws IOException {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IOException("no answer: " + text);
        }
        int status = Integer.parseInt(text.substring(9, 12));
        return new Answer(status, Arrays.copyOfRange(answer, end + 4, answer.length));
    }
}
