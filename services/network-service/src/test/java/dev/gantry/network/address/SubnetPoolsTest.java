package dev.gantry.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.settings.Settings;
import dev.gantry.engine.EngineError;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubnetPoolsTest {
    private static final SubnetPools STANDARD =
            new SubnetPools(Settings.standard("gantry.network.pools").orElseThrow());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    192.0.2.2/24 | 172.18.0.0/16
                    172.18.5.7/32 172.19.0.0/24 | 172.20.0.0/16
                    172.18.0.0/15 172.20.0.0/14 172.24.0.0/13 | 172.17.0.0/16
                    172.16.0.0/12 | 192.168.0.0/20
                    172.16.0.0/12 192.168.0.0/17 192.168.128.9 | 192.168.144.0/20
                    172.16.0.0/12 192.168.0.0/16 fd00::/8 | 10.128.0.0/20
                    172.16.0.0/12 192.168.0.0/16 10.128.0.0/9 | 10.0.0.0/20
                    0.0.0.0/0 | 172.18.0.0/16
                    """)
    void first_subnet_that_nothing_overlaps_is_given(String inUse, String given) {
        assertEquals(
                given, STANDARD.free(IpFamily.V4, List.of(inUse.split(" "))).toString());
    }

    @Test
    void there_is_room_for_hundreds_of_networks() {
        List<String> taken = new ArrayList<>();
        IntStream.range(0, 500)
                .forEach(n -> taken.add(STANDARD.free(IpFamily.V4, taken).toString()));

        assertEquals(500, taken.stream().distinct().count());
    }

    @Test
    void pools_are_used_in_their_order_until_none_is_left() {
        SubnetPools pools = new SubnetPools("10.1.0.0/30:31, 192.0.2.0/24:24");

        assertEquals("10.1.0.0/31", pools.free(IpFamily.V4, List.of()).toString());
        assertEquals("10.1.0.2/31", pools.free(IpFamily.V4, List.of("10.1.0.1")).toString());
        assertEquals(
                "192.0.2.0/24", pools.free(IpFamily.V4, List.of("10.1.0.0/30")).toString());
        assertEquals(
                "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
                assertThrows(
                                EngineError.NotFound.class,
                                () -> pools.free(IpFamily.V4, List.of("10.1.0.0/30", "192.0.2.9/32")))
                        .getMessage());
        assertThrows(EngineError.NotFound.class, () -> new SubnetPools("255.255.255.0/24:24")
                .free(IpFamily.V4, List.of("255.255.255.255/32")));
    }

    @Test
    void ipv6_comes_from_a_network_of_the_clusters_own_unless_one_is_set() {
        assertEquals(
                "fd01:2345:6789::/64",
                STANDARD.freeIpv6("0123456789", List.of()).toString());
        assertEquals(
                "fd01:2345:6789:2::/64",
                STANDARD.freeIpv6("0123456789", List.of("fd01:2345:6789::/63", "0.0.0.0/0", "::/0"))
                        .toString());
        assertEquals(
                "could not find an available, non-overlapping IPv6 address pool among the defaults to assign to the network",
                assertThrows(EngineError.NotFound.class, () -> STANDARD.freeIpv6("0123456789", List.of("fd00::/8")))
                        .getMessage());
        SubnetPools set = new SubnetPools("10.0.0.0/8:24,fd00:7::/120:124,ffff::/16:126");
        assertEquals("fd00:7::/124", set.freeIpv6("0123456789", List.of()).toString());
        assertEquals(
                "ffff::/126", set.freeIpv6("0123456789", List.of("fd00:7::/64")).toString());
    }
}
