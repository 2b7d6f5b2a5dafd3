package dev.gantry.engine.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestJsonTest {
    record Inner(String name, long size) {}

    record Outer(
            String text,
            List<String> texts,
            Map<String, String> labels,
            Inner inner,
            List<Inner> inners,
            Map<String, List<Inner>> byPort,
            Boolean flag,
            Integer number) {}

    @Test
    void null_among_strings_is_an_empty_one() {
        Outer outer = convert("{\"texts\":[null,\"a\"],\"labels\":{\"k\":null}}");

        assertEquals(Arrays.asList("", "a"), outer.texts());
        assertEquals(Map.of("k", ""), outer.labels());
    }

    @Test
    void what_is_absent_stays_null() {
        Outer outer = convert("{\"inner\":{}}");

        assertNull(outer.text());
        assertNull(outer.inner().name());
        assertNull(outer.texts());
        assertNull(outer.number());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":1}              | json: cannot unmarshal number into field text of type string",
                "{\"text\":true}           | json: cannot unmarshal bool into field text of type string",
                "{\"text\":{}}             | json: cannot unmarshal object into field text of type string",
                "{\"texts\":\"x\"}         | json: cannot unmarshal string into field texts of type array",
                "{\"texts\":[1]}           | json: cannot unmarshal number into field texts of type string",
                "{\"labels\":[]}           | json: cannot unmarshal array into field labels of type object",
                "{\"inner\":{\"size\":\"5\"}}  | json: cannot unmarshal string into field inner.size of type integer",
                "{\"inner\":{\"size\":1.5}}    | json: cannot unmarshal number into field inner.size of type integer",
                "{\"inner\":{\"size\":1e400}}  | json: cannot unmarshal number into field inner.size of type integer",
                "{\"inner\":{\"size\":99999999999999999999}} | json: cannot unmarshal number into field inner.size",
                "{\"inner\":[]}            | json: cannot unmarshal array into field inner of type object",
                "{\"flag\":\"true\"}       | json: cannot unmarshal string into field flag of type bool",
                "{\"number\":\"1\"}        | json: cannot unmarshal string into field number of type integer",
                "{\"inners\":[null]}       | null in a list of objects",
                "{\"byPort\":{\"80\":[null]}} | null in a list of objects"
            })
    void what_does_not_fit_is_refused_without_names_of_ours(String body, String reason) {
        var refusal = assertThrows(EngineError.BadParameter.class, () -> convert(body));

        assertEquals("invalid JSON: " + reason, refusal.getMessage());
        assertFalse(refusal.getMessage().contains("java"));
    }

    private static Outer convert(String body) {
        try {
            return RequestJson.convert(new ObjectMapper().readTree(body), Outer.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
