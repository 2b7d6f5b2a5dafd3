package dev.gantry.agent.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class UnexpectedTest {
    private static final String UNEXPECTED = "something unexpected happened; Gantry's log tells more";

    private static String told(Exception failure) {
        AgentFailure told = Unexpected.failure(failure);
        assertEquals(AgentFailure.Code.INTERNAL, told.code());
        assertEquals(failure, told.getCause());
        return told.getMessage();
    }

    private static String told(IOException failure) {
        assertEquals(told((Exception) failure), told(new UncheckedIOException(failure)));
        return told((Exception) failure);
    }

    @Test
    void words_of_the_virtual_machine_stay_inside() {
        assertEquals(UNEXPECTED, told(new NullPointerException("Cannot invoke \"Spec.args()\" because \"s\" is null")));
        assertEquals(UNEXPECTED, told(new IllegalStateException("dev.gantry.agent.Something")));
    }

    @Test
    void paths_stay_inside() {
        assertEquals(UNEXPECTED, told(new NoSuchFileException("/var/lib/gantry/agent/x")));
        assertEquals(UNEXPECTED, told(new FileNotFoundException("/var/lib/gantry/x (No such file or directory)")));
        assertEquals(UNEXPECTED, told(new IOException(new NoSuchFileException("/var/lib/gantry/agent/x"))));
        assertEquals(UNEXPECTED, told(new IOException(new IllegalStateException("x"))));
    }

    @Test
    void words_of_kernel_and_programs_are_told() {
        assertEquals("nft: syntax error", told(new IOException("nft: syntax error")));
        assertEquals("nft: syntax error", told(new IOException(new IOException("nft: syntax error"))));
        assertEquals(
                "No space left on device",
                told(new FileSystemException("/var/lib/gantry/x", null, "No space left on device")));
    }

    @Test
    void malformed_body_is_told_without_names_of_classes() {
        assertEquals(
                "invalid JSON: unexpected value of endpoints.address", malformed("{\"endpoints\":[{\"address\":{}}]}"));
        assertEquals("invalid JSON: unexpected value of kind", malformed("{\"kind\":\"NOTHING\"}"));
        assertEquals("invalid JSON: unexpected value", malformed("[]"));
    }

    private static String malformed(String json) {
        ObjectMapper mapper = new ObjectMapper();
        AgentFailure failure = Unexpected.malformed(
                assertThrows(JsonProcessingException.class, () -> mapper.readValue(json, NetworkPlan.class)));
        assertEquals(AgentFailure.Code.BAD_REQUEST, failure.code());
        return failure.getMessage();
    }

    @Test
    void what_is_no_json_is_told_where() {
        AgentFailure failure = Unexpected.malformed(
                assertThrows(JsonProcessingException.class, () -> new ObjectMapper().readValue("{x", JsonNode.class)));

        assertEquals(
                "invalid JSON: Unexpected character ('x' (code 120)): was expecting double-quote to start field name",
                failure.getMessage());
    }
}
