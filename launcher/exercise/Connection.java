import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/1.1 on a unix socket, which the JDK's client does not know. */
record Connection(SocketChannel channel, InputStream input) implements AutoCloseable {
    private static final int PIECE = 32 * 1024;
    /** What is kept of an answer: enough for any that is looked at. */
    private static final int MOST = 1024 * 1024;

    static Connection open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new Connection(channel, new BufferedInputStream(Channels.newInputStream(channel)));
    }

    void head() throws IOException {
        head("/_ping");
    }

    void head(String path) throws IOException {
        send("HEAD", path, null, null, "");
        readHead();
    }

    /** Sends a body as docker does that whose size it does not know. */
    String upload(String path, byte[] body) throws IOException {
        sendHead("PUT", path, "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n");
        for (int from = 0; from < body.length; from += PIECE) {
            int size = Math.min(PIECE, body.length - from);
            write(ByteBuffer.wrap((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII)));
            write(ByteBuffer.wrap(body, from, size));
            write(ByteBuffer.wrap(new byte[] {'\r', '\n'}));
        }
        write(ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        return answer();
    }

    String call(String method, String path, String type, byte[] body) throws IOException {
        send(method, path, type, body, "");
        return answer();
    }

    void upgrade(String path, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        send("POST", path, "application/json", bytes, "Connection: Upgrade\r\nUpgrade: tcp\r\n");
        readHead();
    }

    void send(String method, String path, String type, byte[] body, String more) throws IOException {
        String length = "Content-Length: " + (body == null ? 0 : body.length) + "\r\n";
        sendHead(method, path, more + (body == null ? "" : "Content-Type: " + type + "\r\n") + length);
        if (body != null) {
            write(ByteBuffer.wrap(body));
        }
    }

    private void sendHead(String method, String path, String more) throws IOException {
        String head = method + " " + (path.equals("/_ping") ? "" : "/v1.51") + path + " HTTP/1.1\r\nHost: api.moby.localhost\r\n"
                + "User-Agent: Docker-Client/28.2.2 (linux)\r\n" + more + "\r\n";
        write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** The body of an answer, whatever its status. */
    String answer() throws IOException {
        String head = readHead();
        if (head.startsWith("HTTP/1.1 204") || head.startsWith("HTTP/1.1 304")) {
            return "";
        }
        if (!head.contains("transfer-encoding: chunked")) {
            Matcher length = Pattern.compile("content-length: (\\d+)").matcher(head);
            return new String(
                    input.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0), StandardCharsets.UTF_8);
        }
        StringBuilder all = new StringBuilder();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            byte[] piece = input.readNBytes(size);
            if (all.length() < MOST) {
                all.append(new String(piece, StandardCharsets.UTF_8));
            }
            line();
        }
        line();
        return all.toString();
    }

    private String readHead() throws IOException {
        StringBuilder head = new StringBuilder(line()).append('\n');
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.append(line.toLowerCase(Locale.ROOT)).append('\n');
        }
        return head.toString();
    }

    private String line() throws IOException {
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

    void drain() throws IOException {
        input.transferTo(OutputStream.nullOutputStream());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
