package dev.gantry.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/24, 10.1.2.0/24, 10.1.2.1, 10.1.2.255",
        "10.0.0.0/8, 10.0.0.0/8, 10.0.0.1, 10.255.255.255",
        "192.0.2.4/31, 192.0.2.4/31, 192.0.2.4, 192.0.2.5",
        "192.0.2.4/32, 192.0.2.4/32, 192.0.2.4, 192.0.2.4",
        "0.0.0.0/0, 0.0.0.0/0, 0.0.0.1, 255.255.255.255",
        "fd00:1::7/64, fd00:1::/64, fd00:1::1, fd00:1::ffff:ffff:ffff:ffff",
        "FD00:0001:0:0::/127, fd00:1::/127, fd00:1::1, fd00:1::1",
        "::/0, ::/0, ::1, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    })
    void network_has_a_first_and_a_last_address(String cidr, String network, String first, String last) {
        IpRange range = IpRange.parse(cidr).orElseThrow();

        assertEquals(network, range.toString());
        assertEquals(first, range.family().text(range.first().orElseThrow()));
        assertEquals(last, range.family().text(range.last()));
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
                "fd00::/129",
                "fd00:zz::/64",
                "fd00::%eth0/64",
                "::ffff:10.0.0.0/104",
                "fd00/8",
                ":/8",
                "[fd00::]/8",
                "10.0.0.-1/8",
                "٣.0.0.0/8"
            })
    void what_is_no_network_is_told(String text) {
        assertEquals(Optional.empty(), IpRange.parse(text));
    }

    @Test
    void addresses_are_in_it_or_not() {
        IpRange range = IpRange.of("10.1.2.0/24");

        assertTrue(range.contains("10.1.2.0"));
        assertTrue(range.contains("10.1.2.255"));
        assertFalse(range.contains("10.1.3.0"));
        assertFalse(range.contains("fd00::1"));
        assertFalse(range.contains("x"));
        assertTrue(range.overlaps(IpRange.of("10.0.0.0/8")));
        assertTrue(range.overlaps(IpRange.of("10.1.2.128/25")));
        assertFalse(range.overlaps(IpRange.of("10.1.3.0/24")));
        assertTrue(range.overlaps(IpRange.of("0.0.0.0/0")));
        assertFalse(range.overlaps(IpRange.of("::/0")));
        assertTrue(IpRange.of("fd00:a2::/56").overlaps(IpRange.of("fd00:a2:0:7::/64")));
        assertFalse(IpRange.of("fd00:a2::/64").overlaps(IpRange.of("fd00:a2:0:7::/64")));
    }

    @Test
    void network_of_one_ipv6_address_has_none_for_a_machine() {
        assertEquals(Optional.empty(), IpRange.of("fd00::7/128").first());
        assertEquals(
                "192.0.2.4", IpFamily.V4.text(IpRange.of("192.0.2.4").first().orElseThrow()));
    }
}
