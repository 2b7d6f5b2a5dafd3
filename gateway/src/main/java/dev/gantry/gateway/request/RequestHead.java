package dev.gantry.gateway.request;

import dev.gantry.engine.principal.Principal;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The rules for headers, those of Go's HTTP server and our own. */
final class RequestHead {
    /** Headers that services believe: {@link Principal#HEADER}, the API version, a peer's name, an operation's id. */
    private static final Pattern INTERNAL = Pattern.compile("(x-)?gantry-.*");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9!$%&'()*+,;=:._~\\[\\]@-]*");

    private RequestHead() {}

    /** @throws Malformed when it is not HTTP as it should be */
    static void check(HttpServerRequest request) {
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_1) {
            throw Malformed.badRequest("missing required Host header");
        }
        if (hosts.size() > 1) {
            throw Malformed.badRequest();
        }
        if (!hosts.isEmpty() && !HOST.matcher(hosts.getFirst()).matches()) {
            throw Malformed.badRequest("malformed Host header");
        }
        String encoding = request.getHeader("Transfer-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("chunked")) {
            throw new Malformed(501, "Unsupported transfer encoding");
        }
    }

    /**
     * Takes away what only we may say, however it is spelled, and what would have an owner answer in another form:
     * dockerd knows one only.
     */
    static void clean(MultiMap headers) {
        headers.names().stream()
                .filter(name -> INTERNAL.matcher(name.toLowerCase(Locale.ROOT)).matches())
                .toList()
                .forEach(headers::remove);
        headers.remove("Accept");
    }
}
