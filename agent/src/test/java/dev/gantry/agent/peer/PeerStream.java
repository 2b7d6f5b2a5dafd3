package dev.gantry.agent.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One request to an agent over TLS by the JDK's own client, whose answer may be a stream. */
final class PeerStream implements AutoCloseable {
    private final SSLSocket socket;

    PeerStream(SSLContext context, int port) throws IOException {
        socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
    }

    /** Sends the request and returns the head of the answer. */
    String send(String line, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: agent\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Type: application/json\r\nContent-Length: ").append(body.length());
        write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        while (!answer.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("ended after " + answer);
            }
            answer.write(next);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    String upgrade(String path, String body) throws IOException {
        return send("POST " + path, body, "Connection: Upgrade", "Upgrade: tcp");
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Payload of the frames up to the end, of both streams together. */
    String frames() throws IOException {
        byte[] all = socket.getInputStream().readAllBytes();
        StringBuilder text = new StringBuilder();
        for (int at = 0; at + 8 <= all.length; ) {
            int length = (all[at + 4] & 0xff) << 24
                    | (all[at + 5] & 0xff) << 16
                    | (all[at + 6] & 0xff) << 8
                    | all[at + 7] & 0xff;
            text.append(new String(all, at + 8, length, StandardCharsets.UTF_8));
            at += 8 + length;
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
