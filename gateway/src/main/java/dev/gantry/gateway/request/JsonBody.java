package dev.gantry.gateway.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.gantry.engine.EngineError;
import dev.gantry.gateway.route.Route;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Locale;

/** The checks of JSON bodies, with dockerd's words ({@code httputils.ReadJSON}); owners can rely on them. */
final class JsonBody {
    private static final int DEEPEST = 200;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();

    private JsonBody() {}

    /**
     * @param contentType header of the request, null when absent
     * @throws EngineError.BadParameter when it is not JSON by its header
     */
    static void checkType(String contentType, boolean hasBody) {
        if (contentType == null || contentType.isBlank()) {
            if (hasBody) {
                throw new EngineError.BadParameter("malformed Content-Type header (): mime: no media type");
            }
            return;
        }
        String mediaType = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!mediaType.equals("application/json")) {
            throw new EngineError.BadParameter(
                    "unsupported Content-Type header (" + contentType + "): must be 'application/json'");
        }
    }

    /** @throws EngineError.BadParameter when the body is not one JSON object */
    static void check(Buffer body, Route.Body expected) {
        if (body.length() == 0 && expected == Route.Body.OPTIONAL_JSON) {
            return;
        }
        try (JsonParser parser = JSON.createParser(body.getBytes())) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new EngineError.BadParameter("invalid JSON: got EOF while reading request body");
            }
            parser.skipChildren();
            if (first != JsonToken.START_OBJECT && first != JsonToken.VALUE_NULL) {
                throw new EngineError.BadParameter(
                        "invalid JSON: json: cannot unmarshal " + kind(first) + " into an object");
            }
            checkEnd(parser);
        } catch (JsonEOFException _) {
            throw new EngineError.BadParameter("invalid JSON: unexpected EOF");
        } catch (JsonParseException e) {
            throw new EngineError.BadParameter("invalid JSON: " + reason(body, e));
        } catch (IOException e) {
            throw new EngineError.BadParameter("invalid JSON: " + e.getMessage());
        }
    }

    private static void checkEnd(JsonParser parser) throws IOException {
        boolean more;
        try {
            more = parser.nextToken() != null;
        } catch (JsonParseException _) {
            more = true;
        }
        if (more) {
            throw new EngineError.BadParameter("unexpected content after JSON");
        }
    }

    private static String kind(JsonToken token) {
        return switch (token) {
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_TRUE, VALUE_FALSE -> "bool";
            default -> "number";
        };
    }

    /** As Go's decoder says it, where the offending character is known. */
    private static String reason(Buffer body, JsonParseException e) {
        int offset = (int) e.getLocation().getByteOffset();
        String message = e.getOriginalMessage();
        if (message.startsWith("Unrecognized token '")) {
            return "invalid character '" + message.charAt("Unrecognized token '".length())
                    + "' looking for beginning of value";
        }
        if (message.startsWith("Unexpected character ('") && offset >= 0 && offset <= body.length()) {
            return "invalid character '" + message.charAt("Unexpected character ('".length()) + "' in JSON text";
        }
        return message.lines().findFirst().orElse("malformed");
    }
}
