package dev.gantry.agent.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRootTest {
    @TempDir
    Path directory;

    @Test
    void on_the_host_itself_nothing_changes() {
        assertEquals(Path.of("/etc/localtime"), new HostRoot(Path.of("/")).of("/etc/localtime"));
    }

    @Test
    void links_lead_to_where_they_do_on_the_host() throws IOException {
        Files.createDirectories(directory.resolve("run/lock"));
        Files.createDirectories(directory.resolve("var"));
        Files.createSymbolicLink(directory.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(directory.resolve("var/lock"), Path.of("run/lock"));
        Files.createSymbolicLink(directory.resolve("up"), Path.of("../../../../var"));

        assertEquals(directory.resolve("run/lock"), of("/var/run/lock"));
        assertEquals(directory.resolve("run/lock"), of("/var/lock"));
        assertEquals(directory.resolve("run/x/y"), of("/up/run/x/y"));
        assertEquals(directory, of("/../.."));
        assertEquals(directory, of("/"));
    }

    @Test
    void links_that_never_end_are_refused() throws IOException {
        Files.createSymbolicLink(directory.resolve("a"), Path.of("/b"));
        Files.createSymbolicLink(directory.resolve("b"), Path.of("a"));

        assertThrows(AgentFailure.class, () -> of("/a/x"));
    }

    private Path of(String path) {
        return new HostRoot(directory).of(path);
    }
}
