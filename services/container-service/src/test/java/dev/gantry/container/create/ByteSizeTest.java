package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "0 | 0",
                "5 | 5",
                "5b | 5",
                "5 b | 5",
                "`5 ` | 5",
                "1.9 | 1",
                "1k | 1000",
                "1K | 1000",
                "1kb | 1000",
                "1KiB | 1000",
                "1ki | 1000",
                "10 m | 10000000",
                "1.5GB | 1500000000",
                "2t | 2000000000000",
                "9p | 9000000000000000",
                "007k | 7000",
                "9223p | 9223000000000000000",
            })
    void read_as_by_dockerd(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "b",
                "k",
                "-1",
                "+1",
                " 1",
                "1  k",
                ".5",
                "5.",
                "1.5.5m",
                "1e3",
                "1x",
                "1kk",
                "1bk",
                "1kbb",
                "1,5",
                "0x10",
                "NaN",
                "Infinity",
                "１",
                "٣",
                "1K\u0130B",
                "1\n",
                "1\u0000",
                "9224p",
                "99999999999999999999"
            })
    void nothing_else_is_a_size(String text) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> ByteSize.parse(text));

        assertEquals("invalid size: '" + text + "'", error.getMessage());
    }
}
