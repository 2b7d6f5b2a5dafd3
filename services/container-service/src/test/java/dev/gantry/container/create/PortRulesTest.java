package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.engine.EngineError;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortRulesTest {
    private static void checkBindings(String bindings) {
        PortRules.checkBindings(
                Asked.hostConfig("{'PortBindings':" + bindings + "}").portBindings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'70000/tcp':[{'HostPort':'1'}]} | invalid port specification: \"70000\"",
                "{'0/tcp':[{'HostPort':'1'}]} | invalid port specification: \"0\"",
                "{'':[]} | invalid port specification: \"\"",
                "{'/tcp':[{'HostPort':'1'}]} | invalid port specification: \"\"",
                "{'80-82/tcp':[{'HostPort':'8080-8082'}]} | invalid port specification: \"80-82\"",
                "{'90-80/tcp':null} | invalid port specification: \"90-80\"",
                "{'80/xyz':[{'HostPort':'1'}]} | invalid proto: xyz",
                "{'80/':[{'HostPort':'1'}]} | `invalid proto: `",
                "{'80/tcp/udp':[]} | invalid proto: tcp/udp",
                "{'80/tcp':[{'HostPort':'65536'}]} | invalid port specification: \"65536\"",
                "{'80/tcp':[{'HostPort':'-1'}]} | invalid port specification: \"-1\"",
                "{'80/tcp':[{'HostPort':'+1'}]} | invalid port specification: \"+1\"",
                "{'80/tcp':[{'HostPort':' 80'}]} | invalid port specification: \" 80\"",
                "{'80/tcp':[{'HostPort':'80/tcp'}]} | invalid port specification: \"80/tcp\"",
                "{'80/tcp':[{'HostPort':'90-80'}]} | invalid port specification: \"90-80\"",
                "{'80/tcp':[{'HostPort':'8000-'}]} | invalid port specification: \"8000-\"",
                "{'80/tcp':[{'HostPort':'-8000'}]} | invalid port specification: \"-8000\"",
                "{'80/tcp':[{'HostPort':'1-2-3'}]} | invalid port specification: \"1-2-3\"",
                "{'80/tcp':[{'HostPort':'abc'}]} | invalid port specification: \"abc\"",
                "{'80/tcp':[{'HostPort':'99999999999'}]} | invalid port specification: \"99999999999\"",
                "{'80/tcp':[{'HostPort':'1'},{'HostPort':'٣'}]} | invalid port specification: \"٣\"",
                "{'80/tcp':[{'HostPort':'1','HostIp':'zz'}]} | invalid IP address: zz",
                "{'80/tcp':[{'HostPort':'1','HostIp':'localhost'}]} | invalid IP address: localhost",
                "{'80/tcp':[{'HostPort':'1','HostIp':'1.2.3'}]} | invalid IP address: 1.2.3",
                "{'80/tcp':[{'HostPort':'1','HostIp':'[1.2.3.4]'}]} | invalid IP address: [1.2.3.4]",
                "{'80/tcp':[{'HostPort':'1','HostIp':'[::1'}]} | invalid IP address: [::1",
                "{'80/tcp':[{'HostPort':'1','HostIp':'[]'}]} | invalid IP address: []",
                "{'80/tcp':[{'HostPort':'1','HostIp':'[fe80::1%eth0]'}]} | invalid IP address: [fe80::1%eth0]",
            })
    void bindings_refused(String bindings, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> checkBindings(bindings));

        assertEquals(message, error.getMessage());
    }

    @Test
    void ranges_are_counted_by_ports() {
        assertDoesNotThrow(() -> PortRules.checkNumber(Map.of("1-65535/tcp", Map.of(), "80", Map.of(), "x", Map.of())));
        assertThrows(
                EngineError.BadParameter.class,
                () -> PortRules.checkNumber(Map.of("1-65535/tcp", Map.of(), "1-65535/udp", Map.of())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{'80':[]}",
                "{'80':null}",
                "{'80':[{}]}",
                "{'80/TCP':[{'HostPort':'1'}]}",
                "{'80':[{'HostIp':null,'HostPort':null}]}",
                "{'80/tcp':[{'HostPort':''}],'81/udp':[{'HostIp':'127.0.0.1','HostPort':'8000-8010'}]}",
                "{'80/sctp':[{'HostPort':'0'},{'HostPort':'65535'}]}",
                "{'65535':[{'HostPort':'1','HostIp':'0.0.0.0'}]}",
                "{'80/tcp':[{'HostPort':'1','HostIp':'::1'},{'HostPort':'2','HostIp':'[::1]'}]}",
            })
    void bindings_accepted(String bindings) {
        assertDoesNotThrow(() -> checkBindings(bindings));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "1.2.3.4",
                "255.255.255.255",
                "::",
                "::1",
                "1::",
                "1:2:3:4:5:6:7:8",
                "::ffff:1.2.3.4",
                "FE80::abcd"
            })
    void address(String text) {
        assertTrue(PortRules.isAddress(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "...",
                ":",
                ":::",
                "1",
                "1.2.3",
                "1.2.3.",
                ".1.2.3",
                "1.2.3.4.",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.04",
                "1.2.3.-4",
                "1.2.3.0x4",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1.2.3.4\n",
                "1.2.3.٤",
                "1.2.3.4/8",
                "[::1]",
                "::1%lo",
                "fe80::1%eth0",
                "1::2::3",
                "12345::",
                "g::",
                "1:2:3",
                "1:2:3:4:5:6:7:8:9",
                "::ffff:1.2.3.400",
                "::1\n",
                ":1.2.3.4",
                "localhost",
                "example.com:80",
                "\u0000::"
            })
    void no_address(String text) {
        assertFalse(PortRules.isAddress(text));
    }
}
