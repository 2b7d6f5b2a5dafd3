package dev.gantry.agent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountOptionsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "''                        ~ 0      ~ ''",
                "bind                      ~ 4096   ~ ''",
                "rbind,ro                  ~ 20481  ~ ''",
                "ro,rw                     ~ 0      ~ ''",
                "size=1m,nosuid,uid=1      ~ 2      ~ size=1m,uid=1",
                "addr=127.0.0.1,rw,soft    ~ 0      ~ addr=127.0.0.1,soft",
                "defaults                  ~ 0      ~ defaults",
                "nosuch,noatime            ~ 1024   ~ nosuch",
            })
    void flags_and_data_are_told_apart(String options, long flags, String data) {
        MountOptions parsed = MountOptions.parse(options);

        assertEquals(flags, parsed.flags());
        assertEquals(data, parsed.data());
    }

    @Test
    void propagation_is_apart() {
        MountOptions parsed = MountOptions.parse("bind,rshared");

        assertEquals(1 << 20, parsed.propagation());
        assertEquals(4096 | 16384, parsed.withoutPropagation());
    }
}
