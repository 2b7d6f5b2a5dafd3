package dev.gantry.container.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortFilterTest {
    @ParameterizedTest
    @CsvSource({
        "80, 80, 80, tcp",
        "080, 80, 80, tcp",
        "80/udp, 80, 80, udp",
        "80/, 80, 80, tcp",
        "80/TCP, 80, 80, TCP",
        "80/foo, 80, 80, foo",
        "80/tcp/x, 80, 80, tcp",
        "80-90/tcp, 80, 90, tcp",
        "1-2-3, 1, 2, tcp",
        "65535, 65535, 65535, tcp"
    })
    void ports_are_read(String text, int first, int last, String protocol) {
        assertEquals(new PortFilter(first, last, protocol), PortFilter.parse("publish", text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '`',
            value = {
                "70000|strconv.ParseUint: parsing \"70000\": value out of range",
                "70000/tcp|strconv.ParseUint: parsing \"70000\": value out of range",
                "80-70000|strconv.ParseUint: parsing \"70000\": value out of range",
                "99999999999999999999|strconv.ParseUint: parsing \"99999999999999999999\": value out of range",
                "x|strconv.ParseUint: parsing \"x\": invalid syntax",
                " 80|strconv.ParseUint: parsing \" 80\": invalid syntax",
                "+80|strconv.ParseUint: parsing \"+80\": invalid syntax",
                "８|strconv.ParseUint: parsing \"８\": invalid syntax",
                "80-|strconv.ParseUint: parsing \"\": invalid syntax",
                "-1|strconv.ParseUint: parsing \"\": invalid syntax",
                "82-80|Invalid range specified for the Port: 82-80",
                "82-80/foo|Invalid range specified for the Port: 82-80",
                "``|Empty string specified for ports.",
                "/tcp|Empty string specified for ports.",
            })
    void what_is_no_port_is_refused_in_gos_words(String text, String reason) {
        var refusal = assertThrows(EngineError.Failed.class, () -> PortFilter.parse("expose", text));

        assertEquals("error while looking up for expose " + text + ": " + reason, refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"80:80", "':'", "x:"})
    void colon_is_refused(String text) {
        var refusal = assertThrows(EngineError.Failed.class, () -> PortFilter.parse("publish", text));

        assertEquals("filter for 'publish' should not contain ':': " + text, refusal.getMessage());
    }
}
