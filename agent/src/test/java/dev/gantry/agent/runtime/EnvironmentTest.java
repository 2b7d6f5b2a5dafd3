package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.api.NetworkPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What dockerd 26.1.5 was seen to do with each of these lists. */
class EnvironmentTest {
    private static final NetworkPlan PLAN = new NetworkPlan(NetworkPlan.Kind.NONE, null, List.of());

    private static List<String> of(String... asked) {
        return new Environment("host", false, PLAN).with(List.of(asked)).list("/root");
    }

    @Test
    void what_is_asked_for_replaces_the_defaults() {
        assertEquals(List.of("PATH=/x", "HOSTNAME=host", "HOME=/h"), of("PATH=/x", "HOME=/h"));
    }

    @Test
    void a_terminal_has_a_type() {
        assertEquals(
                List.of("PATH=/x", "HOSTNAME=host", "TERM=xterm", "HOME=/root"),
                new Environment("host", true, PLAN).with(List.of("PATH=/x")).list("/root"));
    }

    @Test
    void an_empty_home_is_none() {
        assertEquals("HOME=/root", of("HOME=").getLast());
        assertEquals("HOME=/root", of("HOME=/x", "HOME=").getLast());
        assertEquals("HOME=/x", of("HOME=", "HOME=/x").getLast());
    }

    @Test
    void a_name_without_a_value_removes_what_was_before_its_list() {
        assertEquals(List.of("PATH=/x", "HOME=/root"), of("PATH=/x", "HOSTNAME"));
        assertEquals(List.of("PATH=/x", "HOSTNAME=host", "FOO=1", "HOME=/root"), of("PATH=/x", "FOO=1", "FOO"));
        assertEquals(
                List.of("PATH=/x", "HOSTNAME=host", "HOME=/root"),
                new Environment("host", false, PLAN)
                        .with(List.of("PATH=/x", "FOO=1"))
                        .with(List.of("FOO", "", "=1"))
                        .list("/root"));
    }
}
