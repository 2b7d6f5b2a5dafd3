package dev.gantry.container.fake;

import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sees bytes, for connections that stop being HTTP. */
public final class RawConnection implements AutoCloseable {
    private final Socket socket;
    private String head;

    private RawConnection(Socket socket) {
        this.socket = socket;
    }

    public static RawConnection open() throws IOException {
        Socket socket = new Socket("127.0.0.1", RestAssured.port);
        socket.setSoTimeout(20_000);
        return new RawConnection(socket);
    }

    public void upgrade(String method, String path, String body) throws IOException {
        send(method, path, body, "Connection: Upgrade\r\nUpgrade: tcp\r\n");
    }

    public void send(String method, String path, String body) throws IOException {
        send(method, path, body, "");
    }

    private void send(String method, String path, String body, String headers) throws IOException {
        String request = method + " " + path + " HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n" + headers + "\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    }

    /** Raw bytes, of a connection that was or will be upgraded. */
    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Status line and headers. */
    public String head() throws IOException {
        if (head == null) {
            StringBuilder read = new StringBuilder();
            while (read.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new IOException("closed behind " + read);
                }
                read.append((char) next);
            }
            head = read.toString();
        }
        return head;
    }

    /** All bytes until the other side closes. */
    public String rest() throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(read);
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    /** What comes next, once it comes. */
    public String chunk() {
        try {
            byte[] buffer = new byte[4096];
            StringBuilder read = new StringBuilder();
            while (read.indexOf("}") < 0) {
                int count = socket.getInputStream().read(buffer);
                if (count < 0) {
                    throw new IOException("closed behind " + read);
                }
                read.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
            return read.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
