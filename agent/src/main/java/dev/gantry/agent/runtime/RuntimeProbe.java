package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private final AgentFiles files;
    private final ObjectMapper json;

    RuntimeProbe(AgentFiles files, ObjectMapper json) {
        this.files = files;
        this.json = json;
    }

    /**
     * The runtimes that work, by name, the faster one first, then those that are set.
     *
     * @param set {@code gantry.agent.runtimes}
     * @throws IllegalStateException with what each complained of, when none does
     */
    Map<String, OciRuntime> find(List<String> set) {
        Map<String, OciRuntime> found = new LinkedHashMap<>();
        List<String> complaints = new ArrayList<>();
        for (String name : List.of("crun", "runc")) {
            Optional<Path> program = Programs.find(name);
            if (program.isEmpty()) {
                complaints.add(name + " is not installed");
                continue;
            }
            try {
                boolean crun = name.equals("crun");
                RuntimeCommand command = crun ? RuntimeCommand.sealed(program.get()) : RuntimeCommand.of(program.get());
                found.put(name, probe(name, program.get(), command, List.of()));
            } catch (IOException | AgentFailure e) {
                complaints.add(name + ": " + e.getMessage());
                LOG.warnf("%s does not work on this host: %s", name, e.getMessage());
            }
        }
        for (String one : set) {
            findSet(one, found);
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("No OCI runtime works on this host: " + String.join("; ", complaints));
        }
        return found;
    }

    /** @param one {@code name=/path argument} */
    private void findSet(String one, Map<String, OciRuntime> found) {
        String name = one.substring(0, one.indexOf('=')).strip();
        List<String> words = List.of(one.substring(one.indexOf('=') + 1).strip().split(" +"));
        Path program = Path.of(words.getFirst());
        try {
            found.put(name, probe(name, program, RuntimeCommand.of(program), words.subList(1, words.size())));
        } catch (IOException | AgentFailure e) {
            LOG.warnf("the runtime %s, %s, does not work on this host: %s", name, program, e.getMessage());
        }
    }

    private OciRuntime probe(String name, Path program, RuntimeCommand command, List<String> arguments)
            throws IOException {
        String version = Programs.run(List.of(program.toString(), "--version"))
                .output()
                .lines()
                .findFirst()
                .orElse(name);
        boolean crun = version.startsWith("crun ");
        OciRuntime runtime = new OciRuntime(name, crun, program, command, version, arguments, files.runtimeRoot());
        Optional<String> complaint = complaint(runtime);
        if (complaint.isPresent() && crun && Cgroups.ofHost().hybrid()) {
            runtime = new OciRuntime(
                    name, true, program, command.withoutUnified(), version, arguments, files.runtimeRoot());
            complaint = complaint(runtime);
        }
        if (complaint.isPresent()) {
            throw new IOException(complaint.get());
        }
        return runtime;
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
            String output = runtime.run(runtime.command().prepare(), "run", "--bundle", bundle.toString(), id)
                    .output();
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
                List.of("PATH=" + Environment.DEFAULT_PATH),
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
                null,
                linux);
    }
}
