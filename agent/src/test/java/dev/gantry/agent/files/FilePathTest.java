package dev.gantry.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.agent.linux.Stat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePathTest {
    @ParameterizedTest
    @CsvSource({
        "/a/b, /a/b, b",
        "a, /a, a",
        "/a/, /a/, a",
        "/a/., /a/., .",
        "., /., .",
        "/, /, /",
        "//, /, /",
        "/../../a/../b, /b, b",
        "../x/./y/, /x/y/, y",
        "/.., /, /",
        "a/..//., /., ."
    })
    void paths(String asked, String absolute, String base) {
        assertEquals(absolute, FilePath.absolute(asked));
        assertEquals(base, FilePath.base(FilePath.absolute(asked)));
    }

    @ParameterizedTest
    @CsvSource({
        "0104755, 8389101",
        "0041777, 2148532735",
        "0042750, 2151678440",
        "0120777, 134218239",
        "0020644, 69206436",
        "0060600, 67109248",
        "0010644, 33554852",
        "0140755, 16777709"
    })
    void modes_are_those_of_go(String mode, long expected) {
        Stat stat = new Stat(Integer.parseInt(mode, 8), 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, false);

        assertEquals(expected, StatPath.goMode(stat));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1970-01-01T00:00:00Z",
        "1795965983, 962254596, 2026-11-29T15:26:23.962254596Z",
        "1795965983, 500000000, 2026-11-29T15:26:23.5Z",
        "-1, 1, 1969-12-31T23:59:59.000000001Z"
    })
    void times_have_no_zeros_at_their_end(long seconds, int nanos, String expected) {
        assertEquals(expected, StatPath.time(seconds, nanos));
    }
}
