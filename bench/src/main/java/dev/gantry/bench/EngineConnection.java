package dev.gantry.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** One kept-alive HTTP/1.1 connection on a unix socket: the JDK's client knows no unix sockets. */
final class EngineConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream input;

    private EngineConnection(SocketChannel channel) {
        this.channel = channel;
        this.input = new BufferedInputStream(Channels.newInputStream(channel));
    }

    static EngineConnection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new EngineConnection(channel);
    }

    /** Sends a request and reads the whole answer; fails on a status of 400 or more. */
    String call(String method, String path, String body) throws IOException {
        send(method, path, body);
        Head head = readHead();
        String answer = head.status() == 204 || head.status() == 304 ? "" : readBody(head);
        if (head.status() >= 400) {
            throw new IOException(method + " " + path + ": " + head.status() + " " + answer);
        }
        return answer;
    }

    /** Sends a request whose answer never ends; {@link #readChunk} then gives its pieces. */
    void stream(String path) throws IOException {
        send("GET", path, null);
        Head head = readHead();
        if (head.status() != 200) {
            throw new IOException("GET " + path + ": " + head.status());
        }
    }

    String readChunk() throws IOException {
        int length = Integer.parseInt(readLine().strip(), 16);
        String chunk = new String(input.readNBytes(length), StandardCharsets.UTF_8);
        readLine();
        return chunk;
    }

    private void send(String method, String path, String body) throws IOException {
        byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: docker\r\n"
                + (body == null ? "" : "Content-Type: application/json\r\n")
                + "Content-Length: " + bytes.length + "\r\n\r\n";
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(request.toByteArray());
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private record Head(int status, long length, boolean chunked) {}

    private Head readHead() throws IOException {
        int status = Integer.parseInt(readLine().split(" ", 3)[1]);
        long length = 0;
        boolean chunked = false;
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = lower.contains("chunked");
            }
        }
        return new Head(status, length, chunked);
    }

    private String readBody(Head head) throws IOException {
        if (!head.chunked()) {
            return new String(input.readNBytes((int) head.length()), StandardCharsets.UTF_8);
        }
        StringBuilder all = new StringBuilder();
        for (String chunk = readChunk(); !chunk.isEmpty(); chunk = readChunk()) {
            all.append(chunk);
        }
        return all.toString();
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new IOException("the endpoint closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
