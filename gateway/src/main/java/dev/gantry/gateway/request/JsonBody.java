package dev.gantry.gateway.request;

import dev.gantry.engine.EngineError;
import dev.gantry.gateway.route.Route;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/** The checks of JSON bodies, with dockerd's words ({@code httputils.ReadJSON}); owners can rely on them. */
final class JsonBody {
    private static final Buffer EMPTY_OBJECT = Buffer.buffer("{}");

    private JsonBody() {}

    /** @param values how many it has, with those within others */
    record Checked(Buffer body, int values) {}

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

    /**
     * The body as owners get it: always an object, since {@code null} and, where it may be, nothing say as much as an
     * empty one.
     *
     * @throws EngineError.BadParameter when it is something else
     */
    static Checked object(Buffer body, Route.Body expected) {
        if (body.length() == 0 && expected == Route.Body.OPTIONAL_JSON) {
            return new Checked(EMPTY_OBJECT, 1);
        }
        JsonSyntax syntax = new JsonSyntax(body);
        if (!syntax.hasMore()) {
            throw new EngineError.BadParameter("invalid JSON: got EOF while reading request body");
        }
        char first = first(syntax);
        if (syntax.hasMore()) {
            throw new EngineError.BadParameter("unexpected content after JSON");
        }
        return switch (first) {
            case '{' -> new Checked(body, syntax.values());
            case 'n' -> new Checked(EMPTY_OBJECT, 1);
            default ->
                throw new EngineError.BadParameter(
                        "invalid JSON: json: cannot unmarshal " + kind(first) + " into an object");
        };
    }

    private static char first(JsonSyntax syntax) {
        try {
            return syntax.skipValue();
        } catch (JsonSyntax.Wrong wrong) {
            throw new EngineError.BadParameter("invalid JSON: " + wrong.getMessage());
        }
    }

    private static String kind(char first) {
        return switch (first) {
            case '[' -> "array";
            case '"' -> "string";
            case 't', 'f' -> "bool";
            default -> "number";
        };
    }
}
