package dev.gantry.engine.principal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrincipalTest {
    @Test
    void each_kind_survives_the_header() {
        for (Principal principal : new Principal[] {
            new Principal.LocalPeer(1000, 998, 4242),
            new Principal.LocalPeer(4_294_967_295L, 0, 1),
            new Principal.Certificate("CN=ann+OU=a,O=100% \"Example\",C=DE"),
            new Principal.Certificate("CN=J\u00fcrgen\r\nX-Evil: 1"),
            new Principal.Anonymous("127.0.0.1"),
            new Principal.Anonymous("0:0:0:0:0:0:0:1"),
            new Principal.Anonymous("")
        }) {
            String text = principal.text();

            assertTrue(text.chars().allMatch(c -> c >= ' ' && c < 0x7f), text);
            assertEquals(Optional.of(principal), Principal.parse(text));
        }
    }

    @Test
    void anything_else_is_nobody() {
        for (String text :
                new String[] {null, "", "root", "local uid=0", "local uid=-1 gid=0 pid=0", "anonymous x y"}) {
            assertEquals(Optional.empty(), Principal.parse(text), text);
        }
    }
}
