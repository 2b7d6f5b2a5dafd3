package dev.gantry.agent.log.remote;

import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.UnixDatagrams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where each message is one datagram, over UDP or a unix socket. */
interface DatagramConnection {
    /** @throws IOException when there is nobody, as far as that is known */
    void send(byte[] message) throws IOException;

    void close();

    static DatagramConnection udp(String address) throws IOException {
        DatagramSocket socket = new DatagramSocket();
        try {
            socket.connect(new InetSocketAddress(
                    StreamConnection.resolve("udp", StreamConnection.host(address)), StreamConnection.port(address)));
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
        return new DatagramConnection() {
            @Override
            public void send(byte[] message) throws IOException {
                try {
                    socket.send(new DatagramPacket(message, message.length));
                } catch (PortUnreachableException e) {
                    // Told of an earlier one. UDP promises nothing; this one has its chance.
                    once(message);
                }
            }

            private void once(byte[] message) throws IOException {
                try {
                    socket.send(new DatagramPacket(message, message.length));
                } catch (PortUnreachableException e) {
                    // Lost, as dockerd loses it.
                    return;
                }
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }

    static DatagramConnection unix(Path path) throws IOException {
        UnixDatagrams socket;
        try {
            socket = UnixDatagrams.connect(path);
        } catch (ErrnoException e) {
            throw new IOException("dial unixgram " + path + ": connect: " + e.reason(), e);
        }
        return new DatagramConnection() {
            private static final int PAUSE_MILLIS = 20;
            private static final int EMSGSIZE = 90;

            private boolean closed;

            @Override
            public void send(byte[] message) throws IOException {
                try {
                    while (!attempt(message)) {
                        if (!Files.exists(path)) {
                            throw new IOException("nobody takes messages from " + path);
                        }
                        Thread.sleep(PAUSE_MILLIS);
                    }
                } catch (ErrnoException e) {
                    if (e.errno() != EMSGSIZE) {
                        throw e;
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException();
                }
            }

            /** Apart from a close by another thread: the descriptor's number may be somebody else's then. */
            private synchronized boolean attempt(byte[] message) throws IOException {
                if (closed) {
                    throw new IOException("closed");
                }
                return socket.send(message);
            }

            @Override
            public synchronized void close() {
                closed = true;
                socket.close();
            }
        };
    }
}
