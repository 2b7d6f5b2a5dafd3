package dev.gantry.gateway.client;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import io.vertx.core.MultiMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WebGuardTest {
    private final WebGuard guard = new WebGuard.Loopback(Set.of("[fd00::7]", "anvil"));

    @Test
    void our_own_addresses_are_served() {
        for (String host : new String[] {
            "127.0.0.1:2375",
            "127.1.2.3",
            "localhost:2375",
            "LocalHost",
            "[::1]:2375",
            "[::1]",
            "[fd00::7]:2375",
            "anvil",
            "api.moby.localhost",
            ""
        }) {
            assertDoesNotThrow(() -> guard.check(headers("Host", host)), host);
        }
        assertDoesNotThrow(() -> guard.check(MultiMap.caseInsensitiveMultiMap()));
    }

    @Test
    void names_that_resolve_to_us_by_someone_elses_word_are_refused() {
        for (String host : new String[] {
            "evil.example.com:2375",
            "127.0.0.1.evil.example.com",
            "localhost.evil.example.com",
            "evillocalhost",
            "192.0.2.1"
        }) {
            var refusal = assertThrows(EngineError.Forbidden.class, () -> guard.check(headers("Host", host)), host);
            assertEquals("the Host header is not an address of this machine: " + host, refusal.getMessage());
        }
    }

    @Test
    void web_pages_are_refused_wherever_they_are_from() {
        for (String origin : new String[] {"http://evil.example.com", "http://127.0.0.1:2375", "null", ""}) {
            MultiMap headers = headers("Host", "127.0.0.1:2375").add("Origin", origin);
            assertThrows(EngineError.Forbidden.class, () -> guard.check(headers), origin);
        }
    }

    @Test
    void what_pages_of_others_show_without_an_origin_is_refused() {
        for (String site : new String[] {"cross-site", "same-site", "", "x"}) {
            MultiMap headers = headers("Host", "127.0.0.1:2375").add("Sec-Fetch-Site", site);
            var refusal = assertThrows(EngineError.Forbidden.class, () -> guard.check(headers), site);
            assertEquals("requests of web pages are not served", refusal.getMessage());
        }
        MultiMap twice = headers("Sec-Fetch-Site", "none").add("Sec-Fetch-Site", "cross-site");
        assertThrows(EngineError.Forbidden.class, () -> guard.check(twice));
    }

    @Test
    void what_a_user_typed_into_a_browser_is_served() {
        for (String site : new String[] {"none", "same-origin"}) {
            MultiMap headers = headers("Host", "127.0.0.1:2375").add("Sec-Fetch-Site", site);
            assertDoesNotThrow(() -> guard.check(headers), site);
        }
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }
}
