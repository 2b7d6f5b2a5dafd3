package dev.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuthorisationTest {
    @Test
    void bearer_is_preferred_and_its_parameters_are_read() {
        Challenge challenge = Challenge.choose(List.of(
                        "Basic realm=\"plain\"",
                        "Bearer realm=\"https://auth.example/token\",service=\"registry, of"
                                + " ours\",scope=\"repository:a:pull,push\""))
                .orElseThrow();

        assertEquals("bearer", challenge.scheme());
        assertEquals("https://auth.example/token", challenge.parameter("realm"));
        assertEquals("registry, of ours", challenge.parameter("service"));
        assertEquals("", challenge.parameter("error"));
        assertTrue(Challenge.choose(List.of("Negotiate")).isEmpty());
    }

    @Test
    void credentials_come_in_any_base64() {
        byte[] json = "{\"username\":\"me?>\",\"password\":\"p\",\"serveraddress\":\"x\",\"email\":\"e\"}"
                .getBytes(StandardCharsets.UTF_8);

        assertEquals(
                "me?>",
                Credentials.parse(Base64.getUrlEncoder().encodeToString(json)).username());
        assertEquals(
                "me?>",
                Credentials.parse(Base64.getEncoder().encodeToString(json)).username());
        assertEquals(Credentials.NONE, Credentials.parse(null));
        assertEquals(Credentials.NONE, Credentials.parse("e30="));
        for (String unreadable : new String[] {"!!", "{}", "bnVsbA==", "W10=", "enp6"}) {
            assertEquals(Credentials.NONE, Credentials.parse(unreadable), unreadable);
        }
    }
}
