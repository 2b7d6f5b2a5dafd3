package dev.gantry.engine.version;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;

class ApiVersionTest {
    @Test
    void oldest_and_newest_are_spoken() {
        assertEquals(new ApiVersion(1, 24), ApiVersion.requested("1.24"));
        assertEquals(new ApiVersion(1, 51), ApiVersion.requested("1.51"));
    }

    @Test
    void newer_one_is_refused_as_dockerd_does() {
        var error = assertThrows(EngineError.BadParameter.class, () -> ApiVersion.requested("1.99"));

        assertEquals("client version 1.99 is too new. Maximum supported API version is 1.51", error.getMessage());
    }

    @Test
    void older_one_is_refused_as_dockerd_does() {
        var error = assertThrows(EngineError.BadParameter.class, () -> ApiVersion.requested("1.20"));

        assertEquals(
                "client version 1.20 is too old. Minimum supported API version is 1.24, please upgrade your client to a"
                        + " newer version",
                error.getMessage());
    }

    @Test
    void absurd_numbers_are_too_new_rather_than_a_failure() {
        assertThrows(EngineError.BadParameter.class, () -> ApiVersion.requested("1.99999999999"));
        assertThrows(EngineError.BadParameter.class, () -> ApiVersion.requested("..."));
    }

    @Test
    void owners_read_the_gateways_header() {
        assertEquals(new ApiVersion(1, 40), ApiVersion.ofHeader("1.40"));
        assertEquals(ApiVersion.NEWEST, ApiVersion.ofHeader(null));
        assertEquals(ApiVersion.NEWEST, ApiVersion.ofHeader("x"));
        assertTrue(ApiVersion.ofHeader("1.40").before(1, 41));
        assertFalse(ApiVersion.ofHeader("1.41").before(1, 41));
    }
}
