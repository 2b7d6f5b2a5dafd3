package dev.gantry.engine.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Hosts} does. */
public abstract class HostsContract {
    protected abstract Hosts hosts();

    /** Makes one known, reachable on our own machine; {@code load} containers are to run on it. */
    protected abstract void known(String hostId, String address, long load) throws Exception;

    @Test
    void a_known_host_is_listed_and_found_as_it_described_itself() throws Throwable {
        known("h1", "unix:///run/one.sock", 0);

        Hosts.Host found = Port.call(() -> hosts().get("h1"));
        assertEquals("h1", found.id());
        assertEquals("unix:///run/one.sock", found.description().address());
        assertEquals("", found.certificate());
        assertTrue(found.reachable());
        List<Hosts.Host> all = Port.call(() -> hosts().list());
        assertEquals(List.of(found), all);
    }

    @Test
    void an_unknown_host_is_not_found() {
        Port.assertRefused(EngineError.NotFound.class, "No such host: a/b c", () -> hosts().get("a/b c"));
    }

    @Test
    void a_container_goes_to_the_least_loaded_host_or_to_the_one_that_it_is_tied_to() throws Throwable {
        known("h1", "unix:///run/one.sock", 3);
        known("h2", "unix:///run/two.sock", 2);

        assertEquals("h2", Port.call(() -> hosts().place(Set.of())).id());
        assertEquals("h1", Port.call(() -> hosts().place(Set.of("h1"))).id());
        Port.assertRefused(
                EngineError.Conflict.class,
                "the volumes and containers it needs are on different hosts",
                () -> hosts().place(Set.of("h1", "h2")));
    }
}
