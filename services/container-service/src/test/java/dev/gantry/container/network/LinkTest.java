package dev.gantry.container.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkTest {
    @ParameterizedTest
    @CsvSource({"db, db, db", "db:store, db, store", "/db:/web/store, db, store", "/db:store, db, store", "db:, db, ''"
    })
    void link_is_read_as_dockerd_reads_it(String text, String name, String alias) {
        assertEquals(new Link(name, alias), Link.parse(text));
    }

    @Test
    void what_is_no_link_is_refused_in_its_words() {
        assertEquals(
                "bad format for links: a:b:c",
                assertThrows(EngineError.Failed.class, () -> Link.parse("a:b:c"))
                        .getMessage());
        assertEquals(
                "empty string specified for links",
                assertThrows(EngineError.Failed.class, () -> Link.parse("")).getMessage());
    }
}
