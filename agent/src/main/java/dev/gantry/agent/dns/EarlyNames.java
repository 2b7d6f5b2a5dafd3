package dev.gantry.agent.dns;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.linux.Namespaces;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * Opens the name servers of containers that run before anything else of the agent is there: whoever asks for a name waits.
 * {@link ContainerNames#adopt} looks at them again when it is known which containers run.
 */
public final class EarlyNames {
    private static final Logger LOG = Logger.getLogger(EarlyNames.class);

    /** What another version of the agent has written can be read, as with the mapper that there is later. */
    static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static ContainerNames names;

    private EarlyNames() {}

    /**
     * Call it first of all. There is no configuration yet: the launcher says by system properties in what directories this
     * agent works, and without them nothing is done here.
     */
    public static void open() {
        String data = System.getProperty("gantry.data-dir");
        String run = System.getProperty("gantry.run-dir");
        if (data == null || run == null) {
            return;
        }
        try {
            AgentFiles files = new AgentFiles(Path.of(data), Path.of(run));
            names = new ContainerNames();
            // At the same time as the rest of the start it would take twice as long.
            Namespaces.onThreadOfItsOwn(() -> {
                names.reopen(files, JSON);
                return null;
            });
        } catch (IOException | RuntimeException e) {
            LOG.warn("name servers are back later", e);
        }
    }

    @Produces
    @Singleton
    static ContainerNames names() throws IOException {
        return names == null ? new ContainerNames() : names;
    }

    static void close(@Disposes ContainerNames names) throws IOException {
        names.close();
    }
}
