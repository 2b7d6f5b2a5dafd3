package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gantry.agent.api.ContainerSpec.HealthSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthConfigTest {
    private static final List<String> NO_SHELL = List.of();

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'Test':[]}", "{'Test':null}", "{'Test':['NONE']}", "{'Test':['FOO','x']}"})
    void nothing_is_checked_without_a_command(String config) {
        assertNull(health(config).spec(NO_SHELL));
    }

    @Test
    void what_is_not_given_has_dockerds_defaults() {
        assertEquals(
                new HealthSpec(List.of("a", "b"), 30_000_000_000L, 30_000_000_000L, 0, 5_000_000_000L, 3),
                health("{'Test':['CMD','a','b']}").spec(NO_SHELL));
        assertEquals(
                new HealthSpec(List.of("a"), 1000000, 2000000, 3000000, 4000000, 5),
                health("{'Test':['CMD','a'],'Interval':1000000,'Timeout':2000000,"
                                + "'StartPeriod':3000000,'StartInterval':4000000,'Retries':5}")
                        .spec(NO_SHELL));
    }

    /** Nobody judges what an image says. */
    @Test
    void an_image_cannot_ask_for_checks_without_a_pause() {
        assertEquals(
                new HealthSpec(List.of("a"), 1000000, 1000000, 0, 1000000, 3),
                health(
                                "{'Test':['CMD','a'],'Interval':-1,'Timeout':-1,'StartPeriod':-1,'StartInterval':5,'Retries':-1}")
                        .spec(NO_SHELL));
    }

    @Test
    void a_shell_reads_the_command_the_containers_if_it_has_one() {
        HealthConfig config = health("{'Test':['CMD-SHELL','a b']}");

        assertEquals(List.of("/bin/sh", "-c", "a b"), config.spec(NO_SHELL).command());
        assertEquals(
                List.of("/bin/ash", "-xc", "a b"),
                config.spec(List.of("/bin/ash", "-xc")).command());
    }

    @Test
    void start_interval_can_be_left_out() {
        assertEquals(
                health("{'Test':['CMD','a'],'Retries':5}"),
                health("{'Test':['CMD','a'],'StartInterval':4,'Retries':5}").withoutStartInterval());
    }

    private static HealthConfig health(String json) {
        return HealthConfig.of(Asked.tree(json));
    }
}
