package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.host.Hosts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Hosts as every call to one needs them. What cluster-service told is remembered for some seconds, as long as an agent
 * takes to register again, and no longer than its address answers: agents move.
 */
@ApplicationScoped
public class KnownHosts {
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(10);

    private final Hosts hosts;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    private record Known(HostDescription description, Instant until) {}

    KnownHosts(Hosts hosts) {
        this.hosts = hosts;
    }

    /** Calls the host at its address, which is forgotten when it does not answer. */
    public <T> Uni<T> reach(String hostId, Function<String, Uni<T>> call) {
        return address(hostId).chain(address -> reach(hostId, address, call));
    }

    /**
     * The same for a call that can be repeated. A host that does not answer may have moved: if so it is called once more at
     * its new address, which operation ids allow even where the first call arrived.
     */
    public <T> Uni<T> follow(String hostId, Function<String, Uni<T>> call) {
        return address(hostId).chain(address -> reach(hostId, address, call)
                .onFailure(HostAgents::unreachable)
                .recoverWithUni(failure -> moved(hostId, address)
                        .chain(now ->
                                now.equals(address) ? Uni.createFrom().failure(failure) : reach(hostId, now, call))));
    }

    private <T> Uni<T> reach(String hostId, String address, Function<String, Uni<T>> call) {
        return call.apply(address).onFailure(KnownHosts::silent).invoke(() -> forget(hostId, address));
    }

    private static boolean silent(Throwable failure) {
        return HostAgents.unreachable(failure) || failure instanceof IOException;
    }

    /** Where the host is now, as far as that can be asked. */
    private Uni<String> moved(String hostId, String address) {
        return address(hostId).onFailure().recoverWithItem(address);
    }

    private Uni<String> address(String hostId) {
        return description(hostId).map(HostDescription::address);
    }

    /** What the host last told of itself, maybe remembered. */
    public Uni<HostDescription> description(String hostId) {
        Known remembered = known.get(hostId);
        return remembered != null && Instant.now().isBefore(remembered.until())
                ? Uni.createFrom().item(remembered.description())
                : hosts.get(hostId).map(Hosts.Host::description).invoke(this::remember);
    }

    private void forget(String hostId, String address) {
        known.computeIfPresent(
                hostId, (id, entry) -> entry.description().address().equals(address) ? null : entry);
    }

    private void remember(HostDescription description) {
        known.put(description.id(), new Known(description, Instant.now().plus(REMEMBERED_FOR)));
    }
}
