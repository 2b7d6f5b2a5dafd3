package dev.gantry.agent.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a relayed port leads: one socket takes clients of both families, and each of them goes on in its own as far as the
 * container has it.
 */
record Targets(InetSocketAddress ipv4, InetSocketAddress ipv6) {

    /** The same for both. */
    static Targets only(InetSocketAddress target) {
        return new Targets(target, target);
    }

    InetSocketAddress of(InetAddress client) {
        return client instanceof Inet6Address ? ipv6 : ipv4;
    }
}
