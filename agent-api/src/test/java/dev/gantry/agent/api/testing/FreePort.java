package dev.gantry.agent.api.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A TCP port that nothing listens on, for a server that a test starts a moment later.
 *
 * <p>It lies below the kernel's {@code ip_local_port_range} (ip(7); from 32768 on), whose ports any outgoing connection of the
 * machine may take between the look and the server's start.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;

    private FreePort() {}

    public static int next() throws IOException {
        while (true) {
            try (ServerSocket socket =
                    new ServerSocket(ThreadLocalRandom.current().nextInt(FIRST, END))) {
                return socket.getLocalPort();
            } catch (java.net.BindException _) {
                // Another one, then.
            }
        }
    }
}
