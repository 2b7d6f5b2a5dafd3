package dev.gantry.agent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.MDC;

/**
 * What is said of failures that nobody worded. Their own words, which may be names of classes or paths of files, are for the
 * log, where the request's id leads; only those of the kernel and of programs are told.
 */
public final class Unexpected {
    private Unexpected() {}

    public static String message() {
        Object request = MDC.get(AgentProtocol.REQUEST_ID_LOG_KEY);
        return "something unexpected happened; Gantry's log tells more"
                + (request == null ? "" : " under request " + request);
    }

    public static AgentFailure failure(Exception failure) {
        Optional<String> words =
                switch (failure) {
                    case UncheckedIOException unchecked -> words(unchecked.getCause());
                    case IOException e -> words(e);
                    default -> Optional.empty();
                };
        return new AgentFailure(AgentFailure.Code.INTERNAL, words.orElseGet(Unexpected::message), failure);
    }

    private static Optional<String> words(IOException e) {
        if (e.getCause() != null && e.getCause().toString().equals(e.getMessage())) {
            // Only brings another from one thread to the next.
            return e.getCause() instanceof IOException brought ? words(brought) : Optional.empty();
        }
        return switch (e) {
            case FileSystemException file -> Optional.ofNullable(file.getReason());
            case FileNotFoundException _, JsonProcessingException _ -> Optional.empty();
            default -> Optional.ofNullable(e.getMessage());
        };
    }

    /** A body that is not what the protocol says: where, without the names of classes that the reader has for it. */
    public static AgentFailure malformed(JsonProcessingException e) {
        String words = e instanceof JsonMappingException located
                ? "unexpected value" + field(located)
                : e.getOriginalMessage();
        return new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid JSON: " + words, e);
    }

    private static String field(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "" : " of " + path;
    }
}
