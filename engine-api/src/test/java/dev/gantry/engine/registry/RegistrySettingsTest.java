package dev.gantry.engine.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistrySettingsTest {
    private static RegistrySettings settings(String insecure, String mirrors) {
        return new RegistrySettings(new SmallRyeConfigBuilder()
                .withDefaultValue("gantry.registries.insecure", insecure)
                .withDefaultValue("gantry.registries.mirrors", mirrors)
                .build());
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5000, true",
        "127.9.0.1, true",
        "[::1]:5000, true",
        "registry.example:5000, true",
        "registry.example, false",
        "registry.example:5001, false",
        "10.1.2.3:5000, true",
        "11.1.2.3:5000, false",
        "[fd00::7], true",
        "[fe80::7]:443, false",
        "localhost.example, false",
        "no.such.host.invalid, false"
    })
    void registries_are_insecure_by_name_and_by_range(String authority, boolean insecure) {
        RegistrySettings settings = settings("registry.example:5000, 10.0.0.0/8,fd00::/8", "");

        assertEquals(insecure, settings.isInsecure(authority).await().indefinitely());
    }

    @Test
    void only_this_machine_is_insecure_where_nothing_is_set() {
        RegistrySettings settings = settings("", "https://one.example/,http://two.example:5000");

        assertEquals(List.of("127.0.0.0/8", "::1/128"), settings.insecureRanges());
        assertEquals(false, settings.isInsecure("10.1.2.3").await().indefinitely());
        assertEquals(
                List.of(URI.create("https://one.example"), URI.create("http://two.example:5000")), settings.mirrors());
    }
}
