package dev.gantry.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
    @Test
    void last_search_counts_and_options_add_up() {
        ResolvConf read = ResolvConf.parse(List.of(
                "; a remark",
                "nameserver\t192.0.2.1   # first",
                "  nameserver fd00::1",
                "nameserver",
                "domain example.com",
                "search a.example b.example",
                "options ndots:2 timeout:1",
                "options rotate",
                "sortlist 192.0.2.0"));

        assertEquals(
                new ResolvConf(
                        List.of("192.0.2.1", "fd00::1"),
                        List.of("a.example", "b.example"),
                        List.of("ndots:2", "timeout:1", "rotate")),
                read);
        assertTrue(read.saysDots());
        assertFalse(ResolvConf.parse(List.of("options edns0")).saysDots());
    }

    @Test
    void file_that_is_not_there_says_nothing(@TempDir Path directory) throws IOException {
        assertEquals(
                new ResolvConf(List.of(), List.of(), List.of()), ResolvConf.read(directory.resolve("resolv.conf")));
    }
}
