package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is kept beside an unpacked layer.
 *
 * @param parent chain id of the layer below, null for the bottom one
 * @param size bytes of its regular files
 */
record LayerRecord(LayerId parent, long size) {
    void write(Path file) throws IOException {
        Files.write(file, List.of(parent == null ? "none" : parent.toString(), Long.toString(size)));
    }

    /** @throws IOException also when it was cut by a crash */
    static LayerRecord read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        try {
            LayerId parent = lines.get(0).equals("none") ? null : LayerId.parse(lines.get(0));
            return new LayerRecord(parent, Long.parseLong(lines.get(1)));
        } catch (IndexOutOfBoundsException | NumberFormatException | AgentFailure e) {
            throw new IOException("damaged record " + file, e);
        }
    }
}
