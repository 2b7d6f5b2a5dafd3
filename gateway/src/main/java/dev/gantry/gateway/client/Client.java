package dev.gantry.gateway.client;

import dev.gantry.engine.principal.Principal;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Whom a connection belongs to, found once, when it is made.
 *
 * @param guard what else requests on it must satisfy
 */
public record Client(Principal principal, WebGuard guard) {
    private static final AttributeKey<Client> KEY = AttributeKey.valueOf(Client.class, "client");

    /** Finds out and remembers. The kernel is asked of a unix socket's peer, the certificate of a TLS client. */
    public static Client identify(HttpConnection connection, WebGuard guard) {
        Client client = new Client(principal(connection), guard);
        channel(connection).attr(KEY).set(client);
        return client;
    }

    /** Of a connection that was identified. */
    public static Client of(HttpConnection connection) {
        return channel(connection).attr(KEY).get();
    }

    private static Principal principal(HttpConnection connection) {
        if (channel(connection) instanceof EpollDomainSocketChannel unix) {
            return local(unix);
        }
        if (connection.isSsl()) {
            try {
                return new Principal.Certificate(
                        connection.sslSession().getPeerPrincipal().getName());
            } catch (SSLPeerUnverifiedException _) {
                // It was not asked for one.
            }
        }
        SocketAddress remote = connection.remoteAddress();
        return new Principal.Anonymous(remote == null || remote.hostAddress() == null ? "" : remote.hostAddress());
    }

    private static Principal local(EpollDomainSocketChannel unix) {
        try {
            PeerCredentials peer = unix.peerCredentials();
            int[] groups = peer.gids();
            return new Principal.LocalPeer(
                    Integer.toUnsignedLong(peer.uid()),
                    groups.length == 0 ? 0 : Integer.toUnsignedLong(groups[0]),
                    peer.pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }
}
