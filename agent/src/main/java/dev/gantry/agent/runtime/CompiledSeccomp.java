package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Filters that crun has compiled once. libseccomp takes 11 to 16 ms for the default profile, more than all the rest of a
 * start; crun leaves the result in its state directory and takes it back from an annotation (crun(1)). The profile stays
 * in the configuration, so a crun that does not know the annotation does the same work as before.
 */
@ApplicationScoped
public class CompiledSeccomp {
    private static final Logger LOG = Logger.getLogger(CompiledSeccomp.class);
    private static final String ANNOTATION = "run.oci.seccomp_bpf_data";

    /** Bytes of one instruction, struct sock_filter. */
    private static final int INSTRUCTION = 8;

    private final Path directory;
    private final ObjectMapper json;
    private final Map<String, String> encoded = new ConcurrentHashMap<>();

    public CompiledSeccomp(AgentFiles files, ObjectMapper json) throws IOException {
        this.directory = Files.createDirectories(files.data().resolve("seccomp"));
        this.json = json;
    }

    /** The configuration with its compiled filter, if there is one for this runtime. */
    public OciSpec with(OciSpec spec, OciRuntime runtime) {
        return key(spec, runtime)
                .flatMap(this::find)
                .map(filter -> spec.annotated(ANNOTATION, filter))
                .orElse(spec);
    }

    /** Keeps what the runtime compiled for a container that it has created. */
    public void learn(OciSpec spec, OciRuntime runtime, String id) {
        Optional<String> key = key(spec, runtime);
        if (key.isEmpty() || encoded.containsKey(key.get())) {
            return;
        }
        try {
            byte[] filter = Files.readAllBytes(runtime.root().resolve(id).resolve("seccomp.bpf"));
            if (filter.length > 0 && filter.length % INSTRUCTION == 0) {
                Disk.replaceDurably(directory.resolve(key.get()), filter);
            }
        } catch (IOException e) {
            LOG.debugf("no compiled filter of container %s: %s", id, e.getMessage());
        }
    }

    private Optional<String> find(String key) {
        return Optional.ofNullable(encoded.computeIfAbsent(key, wanted -> {
            Path file = directory.resolve(wanted);
            try {
                return Files.exists(file) ? Base64.getEncoder().encodeToString(Files.readAllBytes(file)) : null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    /** The profile and who compiled it; another version may do it in another way. */
    private Optional<String> key(OciSpec spec, OciRuntime runtime) {
        if (!runtime.crun() || spec.linux().seccomp() == null) {
            return Optional.empty();
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(json.writeValueAsBytes(runtime.version()));
            digest.update(json.writeValueAsBytes(spec.linux().seccomp()));
            return Optional.of(HexFormat.of().formatHex(digest.digest()));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
