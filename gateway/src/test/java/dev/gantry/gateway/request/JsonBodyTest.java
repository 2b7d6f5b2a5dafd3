package dev.gantry.gateway.request;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import dev.gantry.gateway.route.Route;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class JsonBodyTest {
    @Test
    void type_must_be_json() {
        var error = assertThrows(EngineError.BadParameter.class, () -> JsonBody.checkType("text/plain", true));

        assertEquals("unsupported Content-Type header (text/plain): must be 'application/json'", error.getMessage());
    }

    @Test
    void type_may_carry_a_charset_and_be_absent_without_a_body() {
        assertDoesNotThrow(() -> JsonBody.checkType("Application/JSON; charset=utf-8", true));
        assertDoesNotThrow(() -> JsonBody.checkType(null, false));
        assertThrows(EngineError.BadParameter.class, () -> JsonBody.checkType(null, true));
    }

    @Test
    void object_passes() {
        assertDoesNotThrow(() -> JsonBody.check(Buffer.buffer("{\"Image\": [1, {}]}  \n"), Route.Body.JSON));
    }

    @Test
    void nothing_passes_only_where_it_is_optional() {
        assertDoesNotThrow(() -> JsonBody.check(Buffer.buffer(), Route.Body.OPTIONAL_JSON));
        assertEquals("invalid JSON: got EOF while reading request body", refusal(""));
    }

    @Test
    void second_document_is_refused() {
        assertEquals("unexpected content after JSON", refusal("{} {}"));
        assertEquals("unexpected content after JSON", refusal("{}}"));
    }

    @Test
    void malformed_text_is_refused_with_the_reason() {
        assertEquals("invalid JSON: invalid character 'h' looking for beginning of value", refusal("hello"));
        assertEquals("invalid JSON: unexpected EOF", refusal("{\"Image\": "));
        assertEquals("invalid JSON: json: cannot unmarshal array into an object", refusal("[]"));
    }

    @Test
    void bottomless_nesting_is_refused() {
        assertThrows(
                EngineError.BadParameter.class,
                () -> JsonBody.check(Buffer.buffer("{\"a\":" + "[".repeat(100_000)), Route.Body.JSON));
    }

    private static String refusal(String body) {
        return assertThrows(EngineError.BadParameter.class, () -> JsonBody.check(Buffer.buffer(body), Route.Body.JSON))
                .getMessage();
    }
}
