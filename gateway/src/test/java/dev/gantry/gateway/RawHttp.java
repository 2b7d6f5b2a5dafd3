package dev.gantry.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP as it is on the wire of a unix socket. */
final class RawHttp {
    /** @param headers names in lower case */
    record Answer(int status, Map<String, String> headers, String body) {}

    private RawHttp() {}

    /** @param head request line and headers without the last empty line; the connection is closed after the answer */
    static Answer send(Path socket, String head, String body) throws IOException {
        String request = head.strip().replace("\n", "\r\n") + "\r\nHost: docker\r\nConnection: close\r\n\r\n" + body;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            return parse(all.toString(StandardCharsets.UTF_8));
        }
    }

    /**
     * Sends a request for an upgrade and what follows at once; returns all that comes back, head first.
     *
     * @param headers more of them, each with its line's end
     */
    static byte[] stream(Path socket, String path, String body, String headers, byte[] early)
            throws IOException, InterruptedException {
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n" + headers
                        + "\r\n" + body)
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(head.length + early.length)
                .put(head)
                .put(early)
                .flip();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    while (all.hasRemaining()) {
                        channel.write(all);
                    }
                    channel.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            byte[] answer = java.nio.channels.Channels.newInputStream(channel).readAllBytes();
            writer.join();
            return answer;
        }
    }

    private static Answer parse(String text) {
        int end = text.indexOf("\r\n\r\n");
        String[] lines = text.substring(0, end).split("\r\n");
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].split(": ?", 2);
            headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        return new Answer(Integer.parseInt(lines[0].split(" ")[1]), headers, text.substring(end + 4));
    }
}
