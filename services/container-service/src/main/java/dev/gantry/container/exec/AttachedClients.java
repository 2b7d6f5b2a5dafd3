package dev.gantry.container.exec;

import dev.gantry.agent.api.stream.Hijack;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients whose connections are joined with execs, on this replica. A client that has seen the end of its stream
 * asks for the exit code at once, which may be before the host's report of it is applied.
 */
@ApplicationScoped
class AttachedClients {
    private final Map<String, Client> clients = new ConcurrentHashMap<>();

    private record Client(Execs.Begun exec, Channel channel) {
        boolean hasEnded() {
            return !channel.isActive() || channel instanceof DuplexChannel duplex && duplex.isOutputShutdown();
        }
    }

    void add(Execs.Begun exec, Hijack client) {
        clients.put(exec.id(), new Client(exec, client.channel()));
    }

    void remove(String execId) {
        clients.remove(execId);
    }

    /** The exec if its stream has ended, so that its exit is about to be reported. */
    Optional<Execs.Begun> streamEnded(String execId) {
        return Optional.ofNullable(clients.get(execId)).filter(Client::hasEnded).map(Client::exec);
    }
}
