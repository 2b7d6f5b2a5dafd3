package dev.gantry.network.address;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FreeSubnetTest {
    @Test
    void first_network_that_nothing_overlaps_is_chosen() {
        assertEquals(Optional.of(Ipv4Range.of("172.18.0.0/16")), FreeSubnet.outside(List.of()));
        assertEquals(
                Optional.of(Ipv4Range.of("172.18.0.0/16")),
                FreeSubnet.outside(List.of("172.17.0.0/16", "192.0.2.2/24")));
        assertEquals(
                Optional.of(Ipv4Range.of("172.20.0.0/16")),
                FreeSubnet.outside(List.of("172.18.5.7/32", "172.19.0.0/24")));
        assertEquals(Optional.of(Ipv4Range.of("192.168.0.0/20")), FreeSubnet.outside(List.of("172.16.0.0/12")));
        assertEquals(
                Optional.of(Ipv4Range.of("10.255.0.0/16")),
                FreeSubnet.outside(List.of("172.16.0.0/12", "192.168.0.0/16", "fd00::/8")));
    }

    @Test
    void there_may_be_none_left() {
        assertEquals(Optional.empty(), FreeSubnet.outside(List.of("172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/8")));
        assertEquals(Optional.empty(), FreeSubnet.outside(List.of("0.0.0.0/0")));
    }
}
