package dev.gantry.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A program of its own, for the network namespace of a container: a server, and clients that measure. A client prints one
 * figure.
 *
 * <pre>
 * serve PORT                 prints a line once it listens
 * bulk HOST PORT MEBIBYTES   milliseconds for each mebibyte that the server sends
 * echo HOST PORT COUNT       milliseconds for an answer of one byte, the median
 * names NAME COUNT           milliseconds for the address of a name, the median
 * </pre>
 */
final class Traffic {
    private static final PrintStream OUT = System.out;
    private static final int MEBIBYTE = 1 << 20;
    private static final int NAME_SERVER_PORT = 53;
    private static final int PATIENCE_MILLIS = 5_000;

    private Traffic() {}

    public static void main(String[] arguments) throws IOException {
        switch (arguments[0]) {
            case "serve" -> serve(Integer.parseInt(arguments[1]));
            case "bulk" -> print(bulk(server(arguments), Integer.parseInt(arguments[3])));
            case "echo" -> print(echo(server(arguments), Integer.parseInt(arguments[3])));
            case "names" -> print(names(arguments[1], Integer.parseInt(arguments[2])));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void print(double figure) {
        OUT.println(figure);
    }

    private static InetSocketAddress server(String[] arguments) {
        return new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
    }

    /** A client says how many mebibytes it wants, in four bytes; for none it gets back each byte that it sends. */
    private static void serve(int port) throws IOException {
        try (ServerSocket server = new ServerSocket(port)) {
            OUT.println("listening");
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        }
    }

    private static void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            int wanted = ByteBuffer.wrap(in.readNBytes(Integer.BYTES)).getInt();
            byte[] mebibyte = new byte[MEBIBYTE];
            for (int sent = 0; sent < wanted; sent++) {
                out.write(mebibyte);
            }
            for (int next = wanted == 0 ? in.read() : -1; next >= 0; next = in.read()) {
                out.write(next);
            }
        } catch (IOException e) {
            // The client has what it wanted.
        }
    }

    private static Socket connect(InetSocketAddress server, int wanted) throws IOException {
        Socket socket = new Socket();
        socket.connect(server, PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.getOutputStream()
                .write(ByteBuffer.allocate(Integer.BYTES).putInt(wanted).array());
        return socket;
    }

    private static double bulk(InetSocketAddress server, int mebibytes) throws IOException {
        long start = System.nanoTime();
        try (Socket socket = connect(server, mebibytes)) {
            byte[] buffer = new byte[MEBIBYTE];
            long left = (long) mebibytes * MEBIBYTE;
            while (left > 0) {
                int read = socket.getInputStream().read(buffer);
                if (read < 0) {
                    throw new IOException("the server sent too little");
                }
                left -= read;
            }
        }
        return (System.nanoTime() - start) / 1e6 / mebibytes;
    }

    private static double echo(InetSocketAddress server, int count) throws IOException {
        Samples samples = new Samples();
        try (Socket socket = connect(server, 0)) {
            for (int at = 0; at < count; at++) {
                long start = System.nanoTime();
                socket.getOutputStream().write(1);
                if (socket.getInputStream().read() < 0) {
                    throw new IOException("the server went");
                }
                samples.add((System.nanoTime() - start) / 1e6);
            }
        }
        return samples.median();
    }

    private static double names(String name, int count) throws IOException {
        byte[] question = question(name);
        Samples samples = new Samples();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(InetAddress.ofLiteral("127.0.0.11"), NAME_SERVER_PORT);
            DatagramPacket answer = new DatagramPacket(new byte[512], 512);
            for (int at = 0; at < count; at++) {
                long start = System.nanoTime();
                socket.send(new DatagramPacket(question, question.length));
                socket.receive(answer);
                samples.add((System.nanoTime() - start) / 1e6);
                if (answer.getData()[7] == 0) {
                    throw new IOException("no address of " + name);
                }
            }
        }
        return samples.median();
    }

    /** For an A record, RFC 1035, 4.1. */
    private static byte[] question(String name) {
        byte[] label = name.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(12 + 1 + label.length + 1 + 4)
                .putShort((short) 4711)
                .putShort((short) 0x0100)
                .putShort((short) 1)
                .position(12)
                .put((byte) label.length)
                .put(label)
                .put((byte) 0)
                .putShort((short) 1)
                .putShort((short) 1)
                .array();
    }
}
