package dev.gantry.compatibility;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What log drivers send lines to: keeps what comes. */
final class LogReceiver implements AutoCloseable {
    private static final int DATAGRAM = 65_536;

    private final AutoCloseable socket;
    private final int port;
    private final List<byte[]> datagrams = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    private final List<AutoCloseable> connections = new CopyOnWriteArrayList<>();

    private LogReceiver(AutoCloseable socket, int port) {
        this.socket = socket;
        this.port = port;
    }

    static LogReceiver udp() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        LogReceiver receiver = new LogReceiver(socket, socket.getLocalPort());
        run(() -> {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM], DATAGRAM);
                socket.receive(packet);
                receiver.datagrams.add(Arrays.copyOf(packet.getData(), packet.getLength()));
            }
        });
        return receiver;
    }

    static LogReceiver tcp() throws IOException {
        return tcp(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), true);
    }

    /** Takes connections, and never anything from them. */
    static LogReceiver deaf() throws IOException {
        return tcp(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), false);
    }

    /** @param socket of TCP or TLS */
    static LogReceiver tcp(ServerSocket socket, boolean reads) {
        LogReceiver receiver = new LogReceiver(socket, socket.getLocalPort());
        run(() -> {
            while (true) {
                Socket connection = socket.accept();
                receiver.connections.add(connection);
                if (reads) {
                    run(() -> receiver.take(connection.getInputStream(), connection));
                }
            }
        });
        return receiver;
    }

    /** Answers each record of fluentd's forward protocol that asks for it. */
    static LogReceiver acknowledging() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        LogReceiver receiver = new LogReceiver(socket, socket.getLocalPort());
        run(() -> {
            while (true) {
                Socket connection = socket.accept();
                receiver.connections.add(connection);
                run(() -> receiver.answer(connection));
            }
        });
        return receiver;
    }

    private void answer(Socket connection) throws IOException {
        byte[] block = new byte[DATAGRAM];
        InputStream in = connection.getInputStream();
        int answered = 0;
        String text = "";
        for (int size = in.read(block); size >= 0; size = in.read(block)) {
            text += new String(block, 0, size, StandardCharsets.ISO_8859_1);
            // A string of five bytes, then one whose first byte has its length.
            int chunk = text.indexOf("\u00a5chunk", answered);
            while (chunk >= 0 && text.length() > chunk + 6 + (text.charAt(chunk + 6) & 0x1f)) {
                int end = chunk + 7 + (text.charAt(chunk + 6) & 0x1f);
                synchronized (stream) {
                    stream.writeBytes(text.substring(answered, end).getBytes(StandardCharsets.ISO_8859_1));
                }
                connection
                        .getOutputStream()
                        .write(("\u0081\u00a3ack" + text.substring(chunk + 6, end))
                                .getBytes(StandardCharsets.ISO_8859_1));
                answered = end;
                chunk = text.indexOf("\u00a5chunk", answered);
            }
        }
    }

    /** A datagram socket, which Java has none of: perl's. */
    static LogReceiver unixDatagrams(Path path) throws IOException {
        Process perl = new ProcessBuilder(
                        "perl",
                        "-MSocket",
                        "-e",
                        "$|=1; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; bind(S, pack_sockaddr_un($ARGV[0])) or die; print \"!\";"
                                + " while (defined recv(S, $m, 300000, 0)) { print $m }",
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        LogReceiver receiver = new LogReceiver(perl::destroyForcibly, 0);
        if (perl.getInputStream().read() != '!') {
            throw new IOException("perl cannot listen at " + path);
        }
        run(() -> receiver.take(perl.getInputStream(), perl::destroyForcibly));
        return receiver;
    }

    static LogReceiver unix(Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(path));
        LogReceiver receiver = new LogReceiver(channel, 0);
        run(() -> {
            while (true) {
                SocketChannel connection = channel.accept();
                receiver.connections.add(connection);
                run(() -> receiver.take(Channels.newInputStream(connection), connection));
            }
        });
        return receiver;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // Closed, by the test or by the engine.
                return;
            }
        });
    }

    private void take(InputStream in, AutoCloseable connection) throws IOException {
        byte[] block = new byte[DATAGRAM];
        for (int size = in.read(block); size >= 0; size = in.read(block)) {
            synchronized (stream) {
                stream.write(block, 0, size);
            }
        }
        closeQuietly(connection);
    }

    /** Takes from now on what comes by the connections that there are. */
    void hear() {
        for (AutoCloseable connection : connections) {
            run(() -> take(((Socket) connection).getInputStream(), connection));
        }
    }

    int port() {
        return port;
    }

    /** How many connections have come so far. */
    int connections() {
        return connections.size();
    }

    List<byte[]> datagrams() {
        return List.copyOf(datagrams);
    }

    /** Of all connections together. */
    byte[] bytes() {
        synchronized (stream) {
            return stream.toByteArray();
        }
    }

    @Override
    public void close() {
        closeQuietly(socket);
        connections.forEach(LogReceiver::closeQuietly);
    }

    private static void closeQuietly(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) {
            // Nothing hangs on it.
            return;
        }
    }
}
