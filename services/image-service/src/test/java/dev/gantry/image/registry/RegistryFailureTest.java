package dev.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class RegistryFailureTest {
    @Test
    void what_keeps_a_registry_from_answering_is_told_in_dockers_words() {
        assertEquals(
                "Get \"https://nosuch.invalid/v2/\": dial tcp: lookup nosuch.invalid: no such host",
                message("https://nosuch.invalid/v2/", new UnknownHostException("x")));
        assertEquals(
                "Get \"http://localhost:5000/v2/\": dial tcp localhost:5000: connect: connection refused",
                message("http://localhost:5000/v2/", new ConnectException("x")));
        assertEquals("Get \"http://a/v2/\": broken", message("http://a/v2/", new IOException("broken")));
    }

    private static String message(String url, Exception cause) {
        return RegistryFailure.unreachable("GET", URI.create(url), cause).getMessage();
    }
}
