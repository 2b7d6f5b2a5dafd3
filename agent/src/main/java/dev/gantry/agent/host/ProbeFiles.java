package dev.gantry.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files of a container's health check.
 *
 * @param process the OCI process that the runtime starts
 * @param pid of the check's program, written by the runtime; there as long as it may run
 */
public record ProbeFiles(Path process, Path pid) {
    public void delete() throws IOException {
        Files.deleteIfExists(process);
        Files.deleteIfExists(pid);
    }
}
