package dev.gantry.agent.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Which host this is: a UUID made at the agent's first start. */
@ApplicationScoped
public class HostIdentity {
    private final String id;

    public HostIdentity(AgentFiles files) throws IOException {
        Path file = files.data().resolve("host-id");
        if (!Files.exists(file)) {
            Disk.replaceDurably(file, UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
        }
        id = Files.readString(file).strip();
    }

    public String id() {
        return id;
    }
}
