package dev.gantry.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PortSelectorTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /** A port that cannot accept the first times. */
    private static final class Failing implements PortSelector.Port {
        private final ServerSocketChannel server;
        private final AtomicInteger tries = new AtomicInteger();
        private final BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();
        private final int failures;

        Failing(int failures) throws IOException {
            this.failures = failures;
            this.server = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
        }

        Socket connect() throws IOException {
            return new Socket(LOOPBACK, server.socket().getLocalPort());
        }

        @Override
        public SelectableChannel channel() {
            return server;
        }

        @Override
        public int awaited() {
            return SelectionKey.OP_ACCEPT;
        }

        @Override
        public void ready() throws IOException {
            if (tries.incrementAndGet() <= failures) {
                throw new IOException("Too many open files");
            }
            accepted.add(server.accept());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void port_that_cannot_accept_is_left_alone_while_others_are_served() throws Exception {
        try (PortSelector selector = new PortSelector(Duration.ofHours(1));
                Failing failing = new Failing(Integer.MAX_VALUE);
                Failing other = new Failing(0)) {
            selector.add(List.of(failing, other));
            try (Socket waiting = failing.connect()) {
                for (int i = 0; i < 20; i++) {
                    other.connect().close();
                    other.accepted.take().close();
                }
            }

            assertEquals(1, failing.tries.get());
            selector.remove(List.of(failing, other));
        }
    }

    @Test
    void port_that_could_not_accept_is_tried_again() throws Exception {
        try (PortSelector selector = new PortSelector(Duration.ofMillis(1));
                Failing failing = new Failing(2)) {
            selector.add(List.of(failing));
            try (Socket waiting = failing.connect()) {
                failing.accepted.take().close();
            }

            assertEquals(3, failing.tries.get());
            selector.remove(List.of(failing));
        }
    }
}
