package dev.gantry.agent.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.host.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** The states of networks on this host's disk, one file each: {@code <id>.json}. */
final class NetworkStates {
    private static final Logger LOG = Logger.getLogger(NetworkStates.class);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String FILE_NAME = "[0-9a-f]{64}\\.json";

    private final Path directory;
    private final ObjectMapper json;

    NetworkStates(Path directory, ObjectMapper json) {
        this.directory = directory;
        this.json = json;
    }

    /** What cannot be read is left out: network-service puts it again. */
    List<NetworkState> load() throws IOException {
        List<NetworkState> found = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return found;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(NetworkStates::isState).sorted().toList()) {
                try {
                    found.add(json.readValue(Files.readAllBytes(file), NetworkState.class));
                } catch (IOException e) {
                    LOG.warnf("%s cannot be read: %s", file, e.getMessage());
                }
            }
        }
        return found;
    }

    /** Survives a power cut: containers that start at the next boot need it. */
    void write(NetworkState state) throws IOException {
        Files.createDirectories(directory, OWNER_ONLY);
        Disk.replaceDurably(file(state.id()), json.writeValueAsBytes(state));
        Files.setPosixFilePermissions(file(state.id()), PosixFilePermissions.fromString("rw-------"));
    }

    void delete(String id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    private Path file(String id) {
        return directory.resolve(id + ".json");
    }

    private static boolean isState(Path file) {
        return file.getFileName().toString().matches(FILE_NAME);
    }
}
