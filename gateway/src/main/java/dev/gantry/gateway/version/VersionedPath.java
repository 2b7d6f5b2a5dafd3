package dev.gantry.gateway.version;

import io.vertx.core.http.impl.HttpUtils;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request's path taken apart.
 *
 * @param version as written after {@code /v}, if it was
 * @param path the rest, without dot segments, so that what is matched here is what an owner sees
 */
public record VersionedPath(Optional<String> version, String path) {
    private static final Pattern PREFIX = Pattern.compile("/v([0-9.]+)(/.*)");

    public static VersionedPath of(String requestPath) {
        String path = HttpUtils.normalizePath(requestPath);
        Matcher matcher = PREFIX.matcher(path);
        return matcher.matches()
                ? new VersionedPath(Optional.of(matcher.group(1)), matcher.group(2))
                : new VersionedPath(Optional.empty(), path);
    }
}
