package dev.gantry.gateway.route;

import java.util.regex.Pattern;

/**
 * One operation of the API and who answers it.
 *
 * @param name path with names in braces where values stand
 * @param upgraded the connection may become a raw stream
 */
public record Route(String method, String name, Pattern path, Owner owner, Body body, boolean upgraded) {
    /** What a request carries. */
    public enum Body {
        NONE,
        /** A JSON object, or nothing. */
        OPTIONAL_JSON,
        /** A JSON object. */
        JSON,
        /** Bytes that the owner reads as they come. */
        STREAM
    }

    /** Method and name: {@code POST /containers/{id}/start}. */
    public String operation() {
        return method + " " + name;
    }

    /** The path that the owner knows the operation by: some may have a slash at their end. */
    public String ownPath(String requestPath) {
        return requestPath.endsWith("/") ? requestPath.substring(0, requestPath.length() - 1) : requestPath;
    }

    boolean matches(String requestMethod, String requestPath) {
        return method.equals(requestMethod) && path.matcher(requestPath).matches();
    }
}
