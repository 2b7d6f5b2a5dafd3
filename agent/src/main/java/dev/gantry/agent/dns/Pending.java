package dev.gantry.agent.dns;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/** A question over UDP that is being asked of other servers, one after the other. Only the selecting thread touches it. */
final class Pending {
    private static final long PATIENCE_NANOS = 4_000_000_000L;

    private final Message query;
    private final byte[] wire;
    private final SocketAddress client;
    private final DatagramChannel answers;
    private final List<Upstream.Server> servers;
    private final Runnable ended;
    private int next;
    private SelectionKey key;
    private long until;

    /**
     * @param answers where the client waits
     * @param ended called once, when nothing is waited for any more
     */
    Pending(
            Message query,
            byte[] wire,
            SocketAddress client,
            DatagramChannel answers,
            Upstream upstream,
            Runnable ended) {
        this.query = query;
        this.wire = wire;
        this.client = client;
        this.answers = answers;
        this.servers = upstream.servers();
        this.ended = ended;
    }

    /** When the server is given up that is asked now, as {@link System#nanoTime}. */
    long until() {
        return until;
    }

    /** Asks the next server; with none left the client is told so. True while an answer is waited for. */
    boolean ask(Selector selector) {
        close();
        while (next < servers.size()) {
            Upstream.Server server = servers.get(next++);
            DatagramChannel channel = null;
            try {
                channel = server.sockets().datagram();
                channel.configureBlocking(false);
                channel.connect(server.address());
                channel.write(ByteBuffer.wrap(wire));
                key = channel.register(selector, SelectionKey.OP_READ, this);
                until = System.nanoTime() + PATIENCE_NANOS;
                return true;
            } catch (IOException | RuntimeException e) {
                Quietly.close(channel);
            }
        }
        reply(Answers.refuse(query, Rcode.SERVFAIL).toWire());
        ended.run();
        return false;
    }

    /** Takes what came from the server that was asked. */
    Outcome read(ByteBuffer buffer) {
        buffer.clear();
        try {
            if (((DatagramChannel) key.channel()).read(buffer) < Header.LENGTH) {
                return Outcome.WAIT;
            }
        } catch (IOException e) {
            // Refused: nobody listens there.
            return Outcome.NEXT;
        }
        byte[] answer = new byte[buffer.flip().remaining()];
        buffer.get(answer);
        boolean ours = answer[0] == wire[0] && answer[1] == wire[1] && (answer[2] & 0x80) != 0;
        if (!ours) {
            return Outcome.WAIT;
        }
        int code = answer[3] & 0x0f;
        if (next < servers.size() && (code == Rcode.SERVFAIL || code == Rcode.REFUSED)) {
            return Outcome.NEXT;
        }
        reply(answer);
        close();
        ended.run();
        return Outcome.DONE;
    }

    enum Outcome {
        WAIT,
        NEXT,
        DONE
    }

    private void close() {
        if (key != null) {
            Quietly.close(key.channel());
            key = null;
        }
    }

    private void reply(byte[] answer) {
        try {
            answers.send(ByteBuffer.wrap(answer), client);
        } catch (IOException e) {
            // The client is gone, or its container is.
        }
    }
}
