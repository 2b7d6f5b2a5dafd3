package dev.gantry.agent.log.remote;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A stream to a target, over TCP with or without TLS, or a unix socket. Failures to connect are in Go's words. */
final class StreamConnection {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int ANSWER_MILLIS = 60_000;
    private static final int BUFFER = 16 * 1024;

    private final AutoCloseable raw;
    private final InputStream in;
    private final OutputStream out;
    private final boolean plain;
    /** Whether nothing was written since the latest flush. */
    private boolean fresh = true;

    private StreamConnection(AutoCloseable raw, InputStream in, OutputStream out, boolean plain) {
        this.raw = raw;
        this.in = in;
        this.plain = plain;
        this.out = new BufferedOutputStream(out, BUFFER);
    }

    /** @param tls null for none */
    static StreamConnection tcp(String address, TlsFiles tls) throws IOException {
        String host = host(address);
        int port = port(address);
        SSLContext context = tls == null ? null : tls.context();
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(resolve("tcp", host), port), PATIENCE_MILLIS);
            if (context == null) {
                socket.setSoTimeout(ANSWER_MILLIS);
                return new StreamConnection(socket, socket.getInputStream(), socket.getOutputStream(), true);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            SSLSocket secure = tls.connect(context, socket, host, port);
            socket.setSoTimeout(ANSWER_MILLIS);
            // The socket below is what is closed: the other one would wait for a write that is stuck.
            return new StreamConnection(socket, secure.getInputStream(), secure.getOutputStream(), false);
        } catch (IOException e) {
            socket.close();
            throw e instanceof ConnectException || e instanceof SocketTimeoutException
                    ? new IOException("dial tcp " + literal(host) + ":" + port + ": " + reason(e), e)
                    : e;
        }
    }

    static StreamConnection unix(Path path) throws IOException {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            return new StreamConnection(
                    channel, Channels.newInputStream(channel), Channels.newOutputStream(channel), false);
        } catch (IOException e) {
            String why = Files.exists(path) ? reason(e) : "connect: no such file or directory";
            throw new IOException("dial unix " + path + ": " + why, e);
        }
    }

    /** @throws IOException as Go words it, when there is no such host */
    static InetAddress resolve(String network, String host) throws IOException {
        try {
            return InetAddress.getByName(host.isEmpty() ? "localhost" : host);
        } catch (UnknownHostException e) {
            String told = e.getMessage() == null ? "" : e.getMessage();
            String why = told.contains("Temporary failure") ? "Temporary failure in name resolution" : "no such host";
            throw new IOException("dial " + network + ": lookup " + host + ": " + why, e);
        }
    }

    private static String literal(String host) throws IOException {
        String address = resolve("tcp", host).getHostAddress();
        return address.indexOf(':') < 0 ? address : "[" + address + "]";
    }

    private static String reason(IOException e) {
        String message = e.getMessage() == null ? "connection refused" : e.getMessage();
        if (e instanceof SocketTimeoutException) {
            return "i/o timeout";
        }
        return e instanceof NoSuchFileException
                ? "connect: no such file or directory"
                : "connect: " + message.toLowerCase(Locale.ROOT);
    }

    static String host(String address) {
        String host = address.substring(0, address.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    static int port(String address) throws IOException {
        String port = address.substring(address.lastIndexOf(':') + 1);
        int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 65536;
        if (number > 65535) {
            throw new IOException("dial tcp: address " + port + ": invalid port");
        }
        return number;
    }

    void write(byte[] bytes) throws IOException {
        if (fresh && plain && raw instanceof Socket socket) {
            requireOpen(socket);
        }
        fresh = false;
        out.write(bytes);
    }

    /**
     * The kernel takes a whole block for a target that has closed its side, and nobody would ever read it: so it is asked
     * before. What a target says unasked is of no interest.
     */
    private void requireOpen(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            if (in.read() < 0) {
                throw new IOException("the target has closed the connection");
            }
        } catch (SocketTimeoutException e) {
            // It listens, as far as one can know.
            return;
        } finally {
            socket.setSoTimeout(ANSWER_MILLIS);
        }
    }

    void flush() throws IOException {
        out.flush();
        fresh = true;
    }

    /** @return the next byte, -1 at the stream's end */
    int read() throws IOException {
        return in.read();
    }

    void close() {
        try {
            raw.close();
        } catch (Exception e) {
            // Nobody is left who could be told.
        }
    }
}
