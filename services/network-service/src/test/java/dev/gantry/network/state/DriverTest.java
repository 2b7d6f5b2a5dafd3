package dev.gantry.network.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.NetworkState;
import dev.gantry.engine.EngineError;
import dev.gantry.network.address.IpFamily;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriverTest {
    private static final String BRIDGE = "com.docker.network.bridge.";
    private static final Map<IpFamily, NetworkState.Mode> NAT =
            Map.of(IpFamily.V4, NetworkState.Mode.NAT, IpFamily.V6, NetworkState.Mode.NAT);
    private static final String MTU = "com.docker.network.driver.mtu";

    @Test
    void bridge_without_options_is_an_ordinary_one() {
        assertEquals(
                new Driver.Bridge("", 1500, true, true, "", "eth", NAT),
                Driver.of("bridge", Map.of("foo", "whatever it is")));
    }

    @Test
    void options_of_a_bridge_are_followed() {
        assertEquals(
                new Driver.Bridge("br0", 1400, false, false, "127.0.0.1", "net", NAT),
                Driver.of(
                        "bridge",
                        Map.of(
                                BRIDGE + "name",
                                "br0",
                                BRIDGE + "enable_icc",
                                "F",
                                BRIDGE + "enable_ip_masquerade",
                                "0",
                                BRIDGE + "host_binding_ipv4",
                                "127.0.0.1",
                                MTU,
                                "1400",
                                "com.docker.network.container_iface_prefix",
                                "net")));
        assertEquals(
                new Driver.Bridge("", 1500, true, true, "", "eth", NAT),
                Driver.of("bridge", Map.of(BRIDGE + "host_binding_ipv4", "0.0.0.0", MTU, "0")));
        assertEquals(
                new Driver.Bridge("", 1500, true, true, "127.0.0.1", "eth", NAT),
                Driver.of("bridge", Map.of(BRIDGE + "host_binding_ipv4", "::ffff:127.0.0.1")));
    }

    @ParameterizedTest
    @CsvSource({"bridge, 1280, true", "bridge, 1279, false", "macvlan, 1279, false", "macvlan, 0, true"})
    void ipv6_needs_an_mtu(String word, String mtu, boolean enough) {
        Driver.Addressed driver = (Driver.Addressed) Driver.of(word, Map.of(MTU, mtu));

        if (enough) {
            assertDoesNotThrow(driver::checkIpv6);
        } else {
            assertEquals(
                    "the MTU 1279 is too small for IPv6, which needs 1280 bytes at least",
                    assertThrows(EngineError.BadParameter.class, driver::checkIpv6)
                            .getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    bridge.enable_icc | x | 400 | failed to parse com.docker.network.bridge.enable_icc value: x (strconv.ParseBool: parsing "x": invalid syntax)
                    bridge.default_bridge | x | 400 | failed to parse com.docker.network.bridge.default_bridge value: x (strconv.ParseBool: parsing "x": invalid syntax)
                    bridge.enable_ip_masquerade | yes | 400 | failed to parse com.docker.network.bridge.enable_ip_masquerade value: yes (strconv.ParseBool: parsing "yes": invalid syntax)
                    bridge.host_binding_ipv4 | x | 400 | failed to parse com.docker.network.bridge.host_binding_ipv4 value: x (nil ip)
                    driver.mtu | x | 400 | failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing "x": invalid syntax)
                    driver.mtu | -1 | 400 | invalid MTU number: -1
                    driver.mtu | 67 | 500 | invalid argument
                    driver.mtu | 70000 | 500 | invalid argument
                    bridge.name | a/b | 400 | failed to parse com.docker.network.bridge.name value: a/b (not a name of an interface)
                    bridge.name | aaaaaaaaaaaaaaaa | 400 | failed to parse com.docker.network.bridge.name value: aaaaaaaaaaaaaaaa (not a name of an interface)
                    container_iface_prefix | a b | 400 | failed to parse com.docker.network.container_iface_prefix value: a b (not the beginning of an interface's name)
                    bridge.gateway_mode_ipv4 | x | 400 | failed to parse com.docker.network.bridge.gateway_mode_ipv4 value: x (unknown gateway mode x)
                    bridge.gateway_mode_ipv6 | nat-unprotected | 501 | the gateway mode nat-unprotected is not supported yet
                    bridge.trusted_host_interfaces | eth0 | 501 | the network option com.docker.network.bridge.trusted_host_interfaces is not supported yet
                    """)
    void option_that_cannot_be_followed_is_refused(String option, String value, int status, String message) {
        EngineError refusal = assertThrows(
                EngineError.class, () -> Driver.of("bridge", Map.of("com.docker.network." + option, value)));

        assertEquals(message, refusal.getMessage());
        assertEquals(status, refusal.status());
    }

    @Test
    void each_family_has_a_gateway_mode() {
        Driver.Bridge bridge = (Driver.Bridge) Driver.of(
                "bridge", Map.of(BRIDGE + "gateway_mode_ipv4", "isolated", BRIDGE + "gateway_mode_ipv6", "routed"));

        assertEquals(
                Map.of(IpFamily.V4, NetworkState.Mode.ISOLATED, IpFamily.V6, NetworkState.Mode.ROUTED), bridge.modes());
        bridge.check(true);
        assertEquals(
                "gateway mode 'isolated' can only be used for an internal network",
                assertThrows(EngineError.BadParameter.class, () -> bridge.check(false))
                        .getMessage());
    }

    @Test
    void options_of_shared_interfaces_are_followed() {
        assertEquals(new Driver.Shared("macvlan", "", "bridge", "", 0, "eth"), Driver.of("macvlan", Map.of()));
        assertEquals(
                new Driver.Shared("macvlan", "eth0.10", "passthru", "", 1400, "net"),
                Driver.of(
                        "macvlan",
                        Map.of(
                                "parent",
                                "eth0.10",
                                "macvlan_mode",
                                "passthru",
                                MTU,
                                "1400",
                                "com.docker.network.container_iface_prefix",
                                "net")));
        assertEquals(
                new Driver.Shared("ipvlan", "eth0", "l3", "vepa", 0, "eth"),
                Driver.of("ipvlan", Map.of("parent", "eth0", "ipvlan_mode", "l3", "ipvlan_flag", "vepa")));
    }

    @Test
    void empty_options_are_not_given() {
        assertEquals(
                Driver.of("bridge", Map.of()),
                Driver.of(
                        "bridge",
                        Map.of("com.docker.network.container_iface_prefix", "", BRIDGE + "default_bridge", "true")));
        assertEquals(Driver.of("macvlan", Map.of()), Driver.of("macvlan", Map.of("macvlan_mode", "")));
        assertEquals(Driver.of("ipvlan", Map.of()), Driver.of("ipvlan", Map.of("ipvlan_mode", "", "ipvlan_flag", "")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    macvlan | macvlan_mode | xx | 500 | requested macvlan mode 'xx' is not valid, 'bridge' mode is the macvlan driver default
                    macvlan | parent | lo | 500 | loopback interface is not a valid macvlan parent link
                    macvlan | parent | a/b | 500 | invalid subinterface vlan name a/b, example formatting is eth0.10
                    macvlan | parent | eth0.5000 | 500 | vlan id must be between 1-4094, received: 5000
                    macvlan | com.docker.network.bridge.enable_icc | true | 501 | the network option com.docker.network.bridge.enable_icc is not supported yet
                    ipvlan | ipvlan_mode | x | 500 | requested ipvlan mode 'x' is not valid, 'l2' mode is the ipvlan driver default
                    ipvlan | ipvlan_flag | x | 500 | requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default
                    """)
    void shared_interface_that_cannot_be_is_refused(
            String driver, String option, String value, int status, String message) {
        EngineError refusal = assertThrows(EngineError.class, () -> Driver.of(driver, Map.of(option, value)));

        assertEquals(message, refusal.getMessage());
        assertEquals(status, refusal.status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nosuch | 404 | plugin "nosuch" not found
                    BRIDGE | 404 | plugin "BRIDGE" not found
                    overlay | 403 | This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.
                    """)
    void driver_that_there_is_not_is_refused(String driver, int status, String message) {
        EngineError refusal = assertThrows(EngineError.class, () -> Driver.of(driver, Map.of()));

        assertEquals(message, refusal.getMessage());
        assertEquals(status, refusal.status());
    }
}
