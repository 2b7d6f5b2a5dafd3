package dev.gantry.gateway.request;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import dev.gantry.gateway.route.Route;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        Buffer body = Buffer.buffer("{\"Image\": [1, -0.5e+7, {\"a\\u00e9\": [true, null, \"\\n\u00e9\"]}]}  \n");

        assertEquals(new JsonBody.Checked(body, 9), JsonBody.object(body, Route.Body.JSON));
    }

    @Test
    void nothing_passes_only_where_it_is_optional() {
        assertEquals(
                Buffer.buffer("{}"),
                JsonBody.object(Buffer.buffer(), Route.Body.OPTIONAL_JSON).body());
        assertEquals("invalid JSON: got EOF while reading request body", refusal(""));
    }

    @Test
    void null_says_as_much_as_an_empty_object() {
        assertEquals(
                Buffer.buffer("{}"),
                JsonBody.object(Buffer.buffer(" null "), Route.Body.JSON).body());
    }

    @Test
    void second_document_is_refused() {
        assertEquals("unexpected content after JSON", refusal("{} {}"));
        assertEquals("unexpected content after JSON", refusal("{}}"));
    }

    @Test
    void malformed_text_is_refused_with_the_reason() {
        assertEquals("invalid JSON: json: cannot unmarshal array into an object", refusal("[]"));
    }

    /** Each measured against dockerd 26.1.5. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "hello           ~ invalid character 'h' looking for beginning of value",
                "{\"Image\":      ~ unexpected EOF",
                "{               ~ unexpected EOF",
                "{\"a           ~ unexpected EOF",
                "{\"a\"}          ~ invalid character '}' after object key",
                "{a:1}           ~ invalid character 'a' looking for beginning of object key string",
                "{'a':1}         ~ invalid character '\\'' looking for beginning of object key string",
                "{/*x*/}         ~ invalid character '/' looking for beginning of object key string",
                "{\"a\":NaN}      ~ invalid character 'N' looking for beginning of value",
                "{\"a\":1,}       ~ invalid character '}' looking for beginning of object key string",
                "{\"a\":1 2}      ~ invalid character '2' after object key:value pair",
                "{\"a\":[1 2]}    ~ invalid character '2' after array element",
                "{\"a\":-x}       ~ invalid character 'x' in numeric literal",
                "{\"a\":1.x}      ~ invalid character 'x' after decimal point in numeric literal",
                "{\"a\":1ex}      ~ invalid character 'x' in exponent of numeric literal",
                "{\"a\":01}       ~ invalid character '1' after object key:value pair",
                "{\"a\":trux}     ~ invalid character 'x' in literal true (expecting 'e')",
                "{\"a\":\"\\q\"}   ~ invalid character 'q' in string escape code",
                "{\"a\":\"\\u00x0\"} ~ invalid character 'x' in \\u hexadecimal character escape"
            })
    void malformed_text_is_refused_in_gos_words(String body, String reason) {
        assertEquals("invalid JSON: " + reason, refusal(body));
    }

    @Test
    void control_characters_in_strings_are_refused() {
        assertEquals("invalid JSON: invalid character '\\t' in string literal", refusal("{\"a\":\"b\tb\"}"));
        assertEquals("invalid JSON: invalid character '\\x01' in string literal", refusal("{\"a\":\"b\u0001b\"}"));
    }

    /** A library that guesses the encoding would take them. */
    @Test
    void only_utf_8_is_json() {
        String text = "{\"Image\":\"busybox\"}";
        String nul = "invalid JSON: invalid character '\\x00' looking for beginning of ";

        assertEquals(nul + "object key string", refusal(Buffer.buffer(text.getBytes(StandardCharsets.UTF_16LE))));
        assertEquals(nul + "value", refusal(Buffer.buffer(text.getBytes(StandardCharsets.UTF_16BE))));
        assertEquals(nul + "value", refusal(Buffer.buffer(text.getBytes(Charset.forName("UTF-32BE")))));
        assertEquals(
                "invalid JSON: invalid character '\u00fe' looking for beginning of value",
                refusal(Buffer.buffer(text.getBytes(StandardCharsets.UTF_16))));
        assertEquals(
                "invalid JSON: invalid character '\u00ef' looking for beginning of value",
                refusal(Buffer.buffer("\ufeff" + text)));
    }

    @Test
    void bottomless_nesting_is_refused() {
        assertEquals("invalid JSON: exceeded max depth", refusal("{\"a\":" + "[".repeat(100_000)));
    }

    @Test
    void values_without_number_are_refused() {
        assertEquals("invalid JSON: more than 600000 values", refusal("{\"x\":[" + "{},".repeat(600_000) + "{}]}"));
    }

    @Test
    void as_many_values_as_all_ports_take_pass() {
        String all = IntStream.rangeClosed(1, 65_535)
                .mapToObj(port -> "\"%1$d/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"%1$d\"}]".formatted(port))
                .collect(Collectors.joining(",", "{\"PortBindings\":{", "}}"));

        assertEquals(
                2 + 4 * 65_535,
                JsonBody.object(Buffer.buffer(all), Route.Body.JSON).values());
    }

    private static String refusal(String body) {
        return refusal(Buffer.buffer(body));
    }

    private static String refusal(Buffer body) {
        return assertThrows(EngineError.BadParameter.class, () -> JsonBody.object(body, Route.Body.JSON))
                .getMessage();
    }
}
