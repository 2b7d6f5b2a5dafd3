package dev.gantry.network.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.network.Network.Ipam;
import dev.gantry.engine.network.Network.IpamConfig;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words are those of dockerd 26.1.5, asked with the same bodies. */
class PoolTest {
    private static final String TAKEN = "Address already in use";
    private static final Set<IpFamily> BOTH = Set.of(IpFamily.V4, IpFamily.V6);
    private static final String OVERLAPS = "Pool overlaps with other one on this address space";

    @Test
    void without_a_subnet_the_choice_is_ours() {
        assertEquals(Map.of(), Pool.given(new Ipam("", null, List.of()), BOTH, "bridge"));
    }

    @Test
    void other_drivers_have_several_subnets_of_a_family_in_the_order_of_the_client() {
        List<IpamConfig> configs = List.of(
                config("10.91.0.0/24", null, null),
                config("fd00::/64", null, null),
                config("10.90.0.0/24", null, null));

        Map<IpFamily, List<Pool>> given = Pool.given(new Ipam("default", null, configs), BOTH, "macvlan");

        assertEquals(
                List.of("10.91.0.1", "10.90.0.1"),
                given.get(IpFamily.V4).stream().map(Pool::gateway).toList());
        assertEquals(1, given.get(IpFamily.V6).size());
        List<IpamConfig> many = IntStream.range(0, 65)
                .mapToObj(i -> config("10.90." + i + ".0/24", null, null))
                .toList();
        assertThrows(
                EngineError.BadParameter.class, () -> Pool.given(new Ipam("default", null, many), BOTH, "macvlan"));
    }

    @Test
    void gateway_is_the_first_address_of_the_subnet_or_of_the_range() {
        assertEquals("10.90.0.1", given(config("10.90.0.0/24", null, null)).gateway());
        assertEquals(
                "10.90.0.9", given(config("10.90.0.0/24", null, "10.90.0.9")).gateway());
        assertEquals(
                "10.90.0.128",
                given(config("10.90.0.0/24", "10.90.0.128/25", null)).gateway());
        assertEquals(
                "10.90.0.1", given(config("10.90.0.0/24", "10.90.0.0/25", null)).gateway());
        assertEquals("10.90.0.4", given(config("10.90.0.4/32", null, null)).gateway());
    }

    @Test
    void all_of_a_pool_is_taken_over() {
        Pool pool = given(new IpamConfig(
                "10.90.0.0/24", "10.90.0.64/26", "10.90.0.3", Map.of("a", "10.90.0.5", "b", "10.90.0.6")));

        assertEquals(
                new Pool(
                        IpRange.of("10.90.0.0/24"),
                        "10.90.0.3",
                        IpRange.of("10.90.0.64/26"),
                        List.of("10.90.0.5", "10.90.0.6")),
                pool);
    }

    @Test
    void gateway_of_an_ipv6_subnet_is_the_first_after_that_of_all_routers() {
        assertEquals("fd00:a8::1", given(config("FD00:A8:0:0::/64", null, null)).gateway());
        assertEquals(
                "fd00:ac::100",
                given(config("fd00:ac::/64", "fd00:ac::100/120", null)).gateway());
        assertEquals(
                "fd00:a4::ff",
                given(config("fd00:a4::/64", null, "FD00:A4::FF")).gateway());
        assertEquals("fd00:19::1", given(config("fd00:19::/127", null, null)).gateway());
    }

    @Test
    void subnets_of_a_family_that_the_network_has_not_are_passed_over() {
        List<IpamConfig> configs = List.of(
                config("10.90.0.0/24", null, null), config("fd00::1/64", null, "x"), config("fd00::/64", null, null));

        assertEquals(
                Set.of(IpFamily.V4),
                Pool.given(new Ipam("default", null, configs), Set.of(IpFamily.V4), "bridge")
                        .keySet());
    }

    static Stream<Arguments> refused() {
        String subnet = "10.90.0.0/24";
        return Stream.of(
                bad("invalid subnet x: invalid CIDR block notation", config("x", null, null)),
                bad("invalid subnet : invalid CIDR block notation", config(null, null, null)),
                bad("invalid subnet : invalid CIDR block notation", config("", null, "10.90.0.1")),
                bad("invalid subnet : invalid CIDR block notation", (IpamConfig) null),
                bad("invalid subnet 10.90.0.0: invalid CIDR block notation", config("10.90.0.0", null, null)),
                bad("invalid subnet 10.90.0.0/33: invalid CIDR block notation", config("10.90.0.0/33", null, null)),
                bad("invalid subnet 10.90.0.7/24: it should be 10.90.0.0/24", config("10.90.0.7/24", null, null)),
                bad("invalid gateway x: invalid address", config(subnet, null, "x")),
                bad(
                        "invalid gateway 10.91.0.9: parent subnet 10.90.0.0/24 doesn't contain this address",
                        config(subnet, null, "10.91.0.9")),
                bad("invalid gateway fd00::1: parent subnet is an IPv4 block", config(subnet, null, "fd00::1")),
                bad("invalid ip-range x: invalid CIDR block notation", config(subnet, "x", null)),
                bad("invalid ip-range 10.90.0.7/25: it should be 10.90.0.0/25", config(subnet, "10.90.0.7/25", null)),
                bad(
                        "invalid ip-range 10.91.0.128/25: parent subnet 10.90.0.0/24 doesn't contain ip-range",
                        config(subnet, "10.91.0.128/25", null)),
                bad(
                        "invalid ip-range 10.90.0.0/16: CIDR block is bigger than its parent subnet 10.90.0.0/24",
                        config(subnet, "10.90.0.0/16", null)),
                bad(
                        "invalid auxiliary address a: invalid address",
                        new IpamConfig(subnet, null, null, Map.of("a", "x"))),
                bad(
                        "invalid auxiliary address a: parent subnet 10.90.0.0/24 doesn't contain this address",
                        new IpamConfig(subnet, null, null, Map.of("a", "10.99.0.5"))),
                bad(
                        "* invalid ip-range x: invalid CIDR block notation\n* invalid gateway y: invalid address",
                        config(subnet, "x", "y")),
                bad("invalid subnet fd00::1/64: it should be fd00::/64", config("fd00::1/64", null, null)),
                bad("invalid gateway 1.2.3.4: parent subnet is an IPv6 block", config("fd00::/64", null, "1.2.3.4")),
                bad(
                        "invalid gateway fd01::1: parent subnet fd00::/64 doesn't contain this address",
                        config("fd00::/64", null, "fd01::1")),
                bad(
                        "invalid ip-range 10.0.0.0/24: parent subnet is an IPv6 block",
                        config("fd00::/64", "10.0.0.0/24", null)),
                bad(
                        "* invalid ip-range fd00::100/40: CIDR block is bigger than its parent subnet fd00::/64\n"
                                + "* invalid ip-range fd00::100/40: it should be fd00::/40",
                        config("fd00::/64", "fd00::100/40", null)),
                Arguments.of(
                        500,
                        "failed to allocate gateway (): no available addresses on this pool",
                        List.of(config("fd00::1/128", null, null))),
                Arguments.of(403, OVERLAPS, List.of(config("::/0", null, null))),
                Arguments.of(403, OVERLAPS, List.of(config("fd00::/64", null, null), config("fd00::/56", null, null))),
                Arguments.of(
                        403,
                        "bridge driver doesn't support multiple subnets",
                        List.of(config("fd00::/64", null, null), config("fd01::/64", null, null))),
                Arguments.of(
                        500,
                        "failed to allocate gateway (10.90.0.0): " + TAKEN,
                        List.of(config(subnet, null, "10.90.0.0"))),
                Arguments.of(
                        500,
                        "failed to allocate gateway (10.90.0.255): " + TAKEN,
                        List.of(config(subnet, null, "10.90.0.255"))),
                Arguments.of(
                        500,
                        "failed to allocate secondary ip address (a:10.90.0.1): " + TAKEN,
                        List.of(new IpamConfig(subnet, null, null, Map.of("a", "10.90.0.1")))),
                Arguments.of(403, OVERLAPS, List.of(config("0.0.0.0/0", null, null))),
                Arguments.of(403, OVERLAPS, List.of(config(subnet, null, null), config(subnet, null, null))),
                Arguments.of(
                        403,
                        "bridge driver doesn't support multiple subnets",
                        List.of(config(subnet, null, null), config("10.91.0.0/24", null, null))));
    }

    @ParameterizedTest
    @MethodSource
    void refused(int status, String message, List<IpamConfig> configs) {
        EngineError refusal =
                assertThrows(EngineError.class, () -> Pool.given(new Ipam("default", null, configs), BOTH, "bridge"));

        assertEquals(message, refusal.getMessage());
        assertEquals(status, refusal.status());
    }

    /** dockerd takes these, and its host loses what it had there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.0/8",
                "127.1.0.0/16",
                "0.0.0.0/8",
                "224.0.0.0/8",
                "240.0.0.0/4",
                "128.0.0.0/1",
                "::/64",
                "fe80::/64",
                "ff02::/64"
            })
    void what_a_host_needs_itself_is_refused(String subnet) {
        EngineError refusal = assertThrows(EngineError.BadParameter.class, () -> given(config(subnet, null, null)));

        assertEquals(
                "invalid network config:\ninvalid subnet " + subnet
                        + ": no network of containers can have these addresses",
                refusal.getMessage());
    }

    private static Arguments bad(String fault, IpamConfig config) {
        return Arguments.of(400, "invalid network config:\n" + fault, Arrays.asList(config));
    }

    private static IpamConfig config(String subnet, String range, String gateway) {
        return new IpamConfig(subnet, range, gateway, null);
    }

    private static Pool given(IpamConfig config) {
        return Pool.given(new Ipam("default", null, List.of(config)), BOTH, "bridge")
                .get(IpFamily.of(config.subnet()))
                .getFirst();
    }
}
