package dev.gantry.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import dev.gantry.image.reference.Reference;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * A registry refused, or could not be asked. The message is dockerd's for the same.
 *
 * <p>{@code code} is the registry's error code, such as {@code MANIFEST_UNKNOWN}; empty when it gave none. A temporary
 * failure may go away when tried again.
 */
public final class RegistryFailure extends RuntimeException {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String code;
    private final boolean temporary;

    private RegistryFailure(String code, String message, boolean temporary, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.temporary = temporary;
    }

    /** The registry sent something else than it should have. */
    static RegistryFailure lied(String message) {
        return new RegistryFailure("", message, false, null);
    }

    /** The connection ended or the transfer was not whole. */
    static RegistryFailure broken(String message, Throwable cause) {
        return new RegistryFailure("", message, true, cause);
    }

    /** The request could not be sent or was not answered. */
    static RegistryFailure unreachable(String method, URI url, Throwable cause) {
        String verb = method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
        return new RegistryFailure("", verb + " \"" + url + "\": " + reason(url, cause), true, cause);
    }

    static RegistryFailure noBasicCredentials(String method, URI url) {
        String verb = method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
        return new RegistryFailure("", verb + " \"" + url + "\": no basic auth credentials", false, null);
    }

    /** An answer with a status of 400 or more. */
    static RegistryFailure answered(int status, Buffer body) {
        if (status >= 500) {
            String text = status + " " + HttpResponseStatus.valueOf(status).reasonPhrase();
            return new RegistryFailure("", "received unexpected HTTP status: " + text, true, null);
        }
        JsonNode errors = errors(body);
        if (errors.isArray() && !errors.isEmpty()) {
            String code = errors.get(0).path("code").asText("UNKNOWN");
            String words = code.toLowerCase(Locale.ROOT).replace('_', ' ');
            String message = errors.get(0).path("message").asText("");
            return new RegistryFailure(code, message.isEmpty() ? words : words + ": " + message, false, null);
        }
        return new RegistryFailure("", unreadable(status, body), false, null);
    }

    private static String unreadable(int status, Buffer body) {
        if (status == 401) {
            return "unauthorized: authentication required";
        }
        String text = body.toString().strip();
        String reason = text.isEmpty()
                ? "unexpected end of JSON input"
                : "invalid character '" + text.charAt(0) + "' looking for beginning of value";
        return "error parsing HTTP " + status + " response body: " + reason + ": \"" + text + "\"";
    }

    private static JsonNode errors(Buffer body) {
        try {
            return JSON.readTree(body.getBytes()).path("errors");
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }

    private static String reason(URI url, Throwable cause) {
        String address = url.getHost() + ":" + RegistryEndpoint.port(url);
        for (Throwable current = cause; current != null; current = current.getCause()) {
            if (current instanceof UnknownHostException) {
                return "dial tcp: lookup " + url.getHost() + ": no such host";
            }
            if (current instanceof NotSslRecordException) {
                return "http: server gave HTTP response to HTTPS client";
            }
            if (current instanceof SSLException) {
                return "tls: failed to verify certificate: " + current.getMessage();
            }
            if (current instanceof ConnectTimeoutException || current instanceof TimeoutException) {
                return "dial tcp " + address + ": i/o timeout";
            }
            if (current instanceof ConnectException) {
                return "dial tcp " + address + ": connect: connection refused";
            }
        }
        return cause instanceof HttpClosedException ? "EOF" : String.valueOf(cause.getMessage());
    }

    public boolean isTemporary() {
        return temporary;
    }

    /** What the client of a pull is told. */
    public EngineError duringPull(Reference reference) {
        return switch (code) {
            case "DENIED" ->
                new EngineError.NotFound("pull access denied for " + reference.familiarName()
                        + ", repository does not exist or may require 'docker login': " + getMessage());
            case "MANIFEST_UNKNOWN" ->
                new EngineError.NotFound("manifest for " + reference.familiar() + " not found: " + getMessage());
            case "NAME_UNKNOWN" ->
                new EngineError.NotFound("repository " + reference.familiarName() + " not found: " + getMessage());
            default -> new EngineError.Failed(getMessage());
        };
    }
}
