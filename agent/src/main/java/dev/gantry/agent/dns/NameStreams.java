package dev.gantry.agent.dns;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/** Answers the questions of one container over TCP (RFC 7766), for those whose answers do not fit into a datagram. */
final class NameStreams implements Closeable {
    private static final Logger LOG = Logger.getLogger(NameStreams.class);

    /** Connections at the same time; more are closed at once. */
    private static final int MOST = 64;

    /** What each container may have if there is any left: of the rest, nobody gets more than half. */
    private static final int FEW = 4;

    /** Milliseconds that a connection may be idle: RFC 7766, 6.2.3, has it a few seconds. */
    private static final int IDLE = 10_000;

    /** Milliseconds for another server's answer, as over UDP. */
    private static final int PATIENCE = 4_000;

    private static final int LARGEST = 65_535;

    /** Of all containers together. */
    private static final Semaphore ALL = new Semaphore(1024);

    private final ServerSocketChannel listener;
    private final Supplier<Asker> asker;
    private final Supplier<Upstream> upstream;
    private final Semaphore free = new Semaphore(MOST);
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

    /** @param listener bound, in the container's namespace; closed with this */
    NameStreams(ServerSocketChannel listener, Supplier<Asker> asker, Supplier<Upstream> upstream) {
        this.listener = listener;
        this.asker = asker;
        this.upstream = upstream;
        Thread.ofVirtual().name("names").start(this::accept);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                Socket client = listener.accept().socket();
                if (clients.size() >= Math.max(FEW, ALL.availablePermits() / 2) || !free.tryAcquire()) {
                    client.close();
                } else if (!ALL.tryAcquire()) {
                    free.release();
                    client.close();
                } else {
                    clients.add(client);
                    Thread.ofVirtual().name("names").start(() -> serve(client));
                }
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.debugf("a connection to the name server: %s", e.getMessage());
                    pause();
                }
            }
        }
    }

    /** Without free file descriptors an accept fails again and again. */
    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(IDLE);
            DataInputStream in = new DataInputStream(client.getInputStream());
            while (true) {
                byte[] wire = read(in);
                byte[] answer = answer(wire);
                if (answer == null) {
                    return;
                }
                write(client, answer);
            }
        } catch (EOFException e) {
            LOG.trace("a client of the name server has all it wanted");
        } catch (IOException | RuntimeException e) {
            LOG.debugf("a client of the name server: %s", e.getMessage());
        } finally {
            clients.remove(client);
            ALL.release();
            free.release();
        }
    }

    /** Null for what gets no answer: the connection is closed. */
    private byte[] answer(byte[] wire) {
        Message query = Question.read(wire).orElse(null);
        if (query == null) {
            return Question.refusal(wire).orElse(null);
        }
        Optional<Message> known = Answers.answer(query, asker.get(), ThreadLocalRandom.current());
        return known.map(answer -> answer.toWire(LARGEST)).orElseGet(() -> others(query, wire));
    }

    private byte[] others(Message query, byte[] wire) {
        byte[] last = Answers.refuse(query, Rcode.SERVFAIL).toWire();
        for (Upstream.Server server : upstream.get().servers()) {
            try (SocketChannel channel = server.sockets().stream()) {
                Socket socket = channel.socket();
                socket.connect(server.address(), PATIENCE);
                socket.setSoTimeout(PATIENCE);
                write(socket, wire);
                byte[] answer = read(new DataInputStream(socket.getInputStream()));
                if (answer.length < 4 || answer[0] != wire[0] || answer[1] != wire[1]) {
                    continue;
                }
                last = answer;
                int code = answer[3] & 0x0f;
                if (code != Rcode.SERVFAIL && code != Rcode.REFUSED) {
                    return answer;
                }
            } catch (IOException e) {
                LOG.debugf("name server %s: %s", server.address(), e.getMessage());
            }
        }
        return last;
    }

    private static byte[] read(DataInputStream in) throws IOException {
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    /** Length and message at once, RFC 7766, 8. */
    private static void write(Socket socket, byte[] message) throws IOException {
        ByteBuffer framed = ByteBuffer.allocate(2 + message.length);
        framed.putShort((short) message.length).put(message);
        socket.getOutputStream().write(framed.array());
    }

    @Override
    public void close() {
        Quietly.close(listener);
        clients.forEach(Quietly::close);
    }
}
