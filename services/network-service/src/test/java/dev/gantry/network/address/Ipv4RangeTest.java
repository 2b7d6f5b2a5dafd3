package dev.gantry.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4RangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/24, 10.1.2.0/24, 10.1.2.1, 10.1.2.255",
        "10.0.0.0/8, 10.0.0.0/8, 10.0.0.1, 10.255.255.255",
        "192.0.2.4/31, 192.0.2.4/31, 192.0.2.4, 192.0.2.5",
        "192.0.2.4/32, 192.0.2.4/32, 192.0.2.4, 192.0.2.4",
        "0.0.0.0/0, 0.0.0.0/0, 0.0.0.1, 255.255.255.255"
    })
    void network_has_a_first_and_a_last_address(String cidr, String network, String first, String last) {
        Ipv4Range range = Ipv4Range.parse(cidr).orElseThrow();

        assertEquals(network, range.toString());
        assertEquals(first, Ipv4Range.text(range.first()));
        assertEquals(last, Ipv4Range.text(range.last()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0/8",
                "10.0.0.0.0/8",
                "010.0.0.0/8",
                "256.0.0.0/8",
                "10.0.0.0/8/8",
                " 10.0.0.0/8",
                "10.0.0.0/8\n",
                "fd00::/8",
                "10.0.0.-1/8",
                "٣.0.0.0/8"
            })
    void what_is_no_network_is_told(String text) {
        assertEquals(Optional.empty(), Ipv4Range.parse(text));
    }

    @Test
    void addresses_are_in_it_or_not() {
        Ipv4Range range = Ipv4Range.of("10.1.2.0/24");

        assertTrue(range.contains(Ipv4Range.address("10.1.2.0").orElseThrow()));
        assertTrue(range.contains(Ipv4Range.address("10.1.2.255").orElseThrow()));
        assertFalse(range.contains(Ipv4Range.address("10.1.3.0").orElseThrow()));
        assertTrue(range.overlaps(Ipv4Range.of("10.0.0.0/8")));
        assertTrue(range.overlaps(Ipv4Range.of("10.1.2.128/25")));
        assertFalse(range.overlaps(Ipv4Range.of("10.1.3.0/24")));
        assertTrue(range.overlaps(Ipv4Range.of("0.0.0.0/0")));
    }
}
