package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Finds out which runtimes work here, by having each run a container that has no program: one that gets as far as
 * missing the program works. crun comes first, being the faster one.
 */
@ApplicationScoped
class RuntimeProbe {
    private static final Logger LOG = Logger.getLogger(RuntimeProbe.class);

    /**
     * crun before 1.9 refuses a host where the version 2 hierarchy is mounted beside version 1. In a mount namespace
     * without it, it works; the namespace ends with crun, so that no mount of the host's is held by a container.
     */
    private static final String HYBRID_SCRIPT =
            """
            #!/bin/sh
            exec unshare --mount --propagation slave -- /bin/sh -c \
              'umount /sys/fs/cgroup/unified && exec "$0" "$@"' %s "$@"
            """;

    private final AgentFiles files;
    private final ObjectMapper json;

    RuntimeProbe(AgentFiles files, ObjectMapper json) {
        this.files = files;
        this.json = json;
    }

    /**
     * The runtimes that work, by name, the default first.
     *
     * @throws IllegalStateException with what each complained of, when none does
     */
    Map<String, OciRuntime> find() {
        Map<String, OciRuntime> found = new LinkedHashMap<>();
        List<String> complaints = new ArrayList<>();
        for (String name : List.of("crun", "runc")) {
            Optional<Path> program = Programs.find(name);
            if (program.isEmpty()) {
                complaints.add(name + " is not installed");
                continue;
            }
            try {
                found.put(name, probe(name, program.get()));
            } catch (IOException | AgentFailure e) {
                complaints.add(name + ": " + e.getMessage());
                LOG.warnf("%s does not work on this host: %s", name, e.getMessage());
            }
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("No OCI runtime works on this host: " + String.join("; ", complaints));
        }
        return found;
    }

    private OciRuntime probe(String name, Path program) throws IOException {
        String version = Programs.run(List.of(program.toString(), "--version"))
                .output()
                .lines()
                .findFirst()
                .orElse(name);
        OciRuntime runtime = new OciRuntime(name, program, program, version, files.runtimeRoot());
        Optional<String> complaint = complaint(runtime);
        if (complaint.isPresent() && name.equals("crun") && Cgroups.ofHost().hybrid()) {
            runtime = new OciRuntime(name, program, hybridScript(program), version, files.runtimeRoot());
            complaint = complaint(runtime);
        }
        if (complaint.isPresent()) {
            throw new IOException(complaint.get());
        }
        return runtime;
    }

    private Path hybridScript(Path program) throws IOException {
        Path script = files.run().resolve("crun");
        Disk.replace(script, HYBRID_SCRIPT.formatted(program).getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    /** Why it does not work; empty when it does. */
    private Optional<String> complaint(OciRuntime runtime) throws IOException {
        String id = "probe-" + UUID.randomUUID();
        Path bundle = Files.createTempDirectory(files.run(), "probe");
        String cgroup = "/gantry/" + id;
        try {
            Path rootfs = Files.createDirectories(bundle.resolve("rootfs/proc")).getParent();
            Files.createDirectory(rootfs.resolve("dev"));
            Disk.replace(bundle.resolve("config.json"), json.writeValueAsBytes(emptyContainer(rootfs, cgroup)));
            List<String> command = new ArrayList<>(List.of(runtime.command().toString()));
            command.addAll(runtime.globalArguments());
            command.addAll(List.of("run", "--bundle", bundle.toString(), id));
            String output = Programs.run(command).output();
            return output.contains("/no-such-program") ? Optional.empty() : Optional.of(RuntimeErrors.text(output));
        } finally {
            runtime.delete(id);
            Cgroups.ofHost().remove(cgroup);
            Disk.deleteTree(bundle);
        }
    }

    private static OciSpec emptyContainer(Path rootfs, String cgroup) {
        OciSpec.Process process = new OciSpec.Process(
                false,
                null,
                new OciSpec.User(0, 0, List.of()),
                List.of("/no-such-program"),
                List.of(OciConfig.DEFAULT_PATH),
                "/",
                null,
                List.of(),
                true,
                null,
                null);
        OciSpec.Linux linux = new OciSpec.Linux(
                null,
                cgroup,
                null,
                List.of(new OciSpec.Namespace("mount", null), new OciSpec.Namespace("pid", null)),
                List.of(),
                null,
                null,
                List.of(),
                List.of());
        return new OciSpec(
                "1.0.2",
                process,
                new OciSpec.Root(rootfs.toString(), false),
                null,
                null,
                List.of(new OciSpec.Mount("/proc", "proc", "proc", List.of())),
                null,
                linux);
    }
}
