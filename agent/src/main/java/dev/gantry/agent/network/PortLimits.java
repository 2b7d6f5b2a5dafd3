package dev.gantry.agent.network;

import dev.gantry.agent.linux.FileLimit;

/**
 * How much all published ports of a host may take of the agent's open files and of its heap: those come in numbers that
 * clients and strangers choose, and the agent must still be able to open a log, or to end a container.
 *
 * @param sockets on published ports; each is some 0.7 KB of heap
 * @param connections that are relayed at once; each is two open files
 * @param clients whose datagrams are relayed at once; each has room for the largest datagram, 64 KiB of heap
 */
record PortLimits(int sockets, int connections, int clients) {
    private static final int MOST_SOCKETS = 30_000;
    private static final int MOST_CONNECTIONS = 4_096;
    private static final int MOST_CLIENTS = 256;

    /** Half of the open files for ports, and a quarter for connections. */
    static PortLimits of(long openFiles) {
        return new PortLimits(
                (int) Math.min(MOST_SOCKETS, openFiles / 2), (int) Math.min(MOST_CONNECTIONS, openFiles / 4 / 2), (int)
                        Math.min(MOST_CLIENTS, openFiles / 8));
    }

    static PortLimits ofThisProcess() {
        return of(FileLimit.most());
    }
}
