package dev.gantry.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParseException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.impl.NoStackTraceThrowable;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineErrorMapperTest {
    private static final Logger LOG = Logger.getLogger(EngineErrorMapper.class.getName());

    private final EngineErrorMapper mapper = new EngineErrorMapper();
    private final List<LogRecord> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                logged.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOG.removeHandler(handler);
    }

    @Test
    void what_others_brought_about_is_one_line() {
        for (EngineError error : List.of(
                new EngineError.NotSupported("no such feature"),
                new EngineError.Failed("received unexpected HTTP status: 503"),
                new EngineError.Unavailable("no host is reachable"))) {
            logged.clear();

            Response answer = mapper.engineError(error);

            assertEquals(error.status(), answer.getStatus());
            assertEquals("{\"message\":\"" + error.getMessage() + "\"}\n", answer.getEntity());
            assertEquals(1, logged.size());
            assertNull(logged.getFirst().getThrown());
        }
    }

    @Test
    void what_a_client_did_wrong_is_not_logged() {
        assertEquals(404, mapper.engineError(new EngineError.NotFound("x")).getStatus());
        assertEquals(304, mapper.engineError(new EngineError.NotModified()).getStatus());
        assertTrue(logged.isEmpty());
    }

    @Test
    void what_should_not_happen_keeps_its_trace() {
        IllegalStateException cause = new IllegalStateException("broken");
        EngineError.Internal internal = new EngineError.Internal("broken", cause);

        assertEquals(500, mapper.engineError(internal).getStatus());
        assertEquals(500, mapper.unexpected(cause).getStatus());

        assertEquals(2, logged.size());
        logged.forEach(line -> assertNotNull(line.getThrown()));
    }

    @Test
    void lost_connection_is_taken_for_the_databases() {
        for (Throwable cause : List.of(
                new ConnectException("Connection refused"),
                new NoStackTraceThrowable("Timeout"),
                new IllegalStateException(new IOException("Connection reset by peer")))) {
            assertInstanceOf(EngineError.Unavailable.class, EngineErrorMapper.known(cause));
        }
    }

    @Test
    void addresses_between_our_parts_are_for_the_log() {
        Response answer = mapper.engineError(new EngineError.Unavailable(
                "the host's agent cannot be reached", new IOException("unix:///run/agent.sock: refused")));

        assertEquals("{\"message\":\"the host's agent cannot be reached\"}\n", answer.getEntity());
        assertTrue(logged.getFirst().getMessage().contains("agent.sock")
                || String.valueOf(List.of(logged.getFirst().getParameters())).contains("agent.sock"));
    }

    @Test
    void neither_files_nor_json_are_taken_for_the_database() {
        for (Throwable cause : List.of(
                new UncheckedIOException(new NoSuchFileException("/var/lib/gantry/content/x")),
                new IllegalStateException(new JsonParseException("unexpected character")))) {
            assertInstanceOf(EngineError.Internal.class, EngineErrorMapper.known(cause));
        }
    }

    @Test
    void a_client_that_has_gone_is_one_line() {
        mapper.unexpected(new HttpClosedException("Connection was closed"));

        assertEquals(1, logged.size());
        assertNull(logged.getFirst().getThrown());
    }
}
