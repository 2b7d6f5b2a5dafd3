package dev.gantry.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpFamilyTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::ffff:127.0.0.1, 127.0.0.1",
        "0:0:0:0:0:FFFF:7f00:1, 127.0.0.1",
        "::ffff:0:0, 0.0.0.0",
        "0:0:0:0:0:0:0:1, ::1",
        "::, ::",
        "FD00::0:1, fd00::1",
        "'', ''",
        "127.0.0.01, 127.0.0.01",
        "fe80::1%eth0, fe80::1%eth0",
        "1::2::3, 1::2::3",
        "x, x"
    })
    void address_is_written_in_one_way_and_a_mapped_one_as_ipv4(String text, String canonical) {
        assertEquals(canonical, IpFamily.canonical(text));
    }
}
