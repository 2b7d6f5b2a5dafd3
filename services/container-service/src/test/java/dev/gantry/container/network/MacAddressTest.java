package dev.gantry.container.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"02:00:00:00:aB:11", "02-00-00-00-AB-11", "0200.0000.ab11"})
    void forms_of_one_address(String text) {
        assertEquals("02:00:00:00:ab:11", MacAddress.canonical(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02",
                "2:0:0:0:0:1",
                "020000000011",
                "02:00:00:00:00:11:22:33",
                "02:00:00:00:00-11",
                "02:00:00:00:00:1g",
                "02:00:00:00:00:11 ",
                "02:00:00:00:00:11:",
                "0200:0000:0011",
                "02.00.00.00.00.11",
                "01:00:5e:00:00:01",
                "FF:FF:FF:FF:FF:FF",
                "00:00:00:00:00:00",
                "0000.0000.0000",
                "٠2:00:00:00:00:11"
            })
    void not_an_address(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> MacAddress.canonical(text));

        assertEquals("invalid MAC address " + text, error.getMessage());
    }
}
