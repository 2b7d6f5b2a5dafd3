package dev.gantry.container.exec;

import dev.gantry.agent.api.stream.Hijack;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients whose connections are joined with execs, on this replica. A client that has seen the end of its stream
 * asks for the exit code at once, which may be before the host's report of it is applied.
 */
@ApplicationScoped
class AttachedClients {
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();

    void add(String execId, Hijack client) {
        channels.put(execId, client.channel());
    }

    void remove(String execId) {
        channels.remove(execId);
    }

    /** Whether the exec's stream has ended, so that its exit is about to be reported. */
    boolean streamEnded(String execId) {
        Channel channel = channels.get(execId);
        return channel != null
                && (!channel.isActive() || channel instanceof DuplexChannel duplex && duplex.isOutputShutdown());
    }
}
