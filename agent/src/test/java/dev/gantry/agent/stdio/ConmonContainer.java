package dev.gantry.agent.stdio;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A busybox container below a real conmon and runc, without anything of the agent's. Removed by {@link #close}. */
final class ConmonContainer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String id;
    final Path bundle;
    final Path log;
    private final Path state;
    private final List<String> conmon = new ArrayList<>();

    private ConmonContainer(Path directory) {
        byte[] random = new byte[32];
        new Random().nextBytes(random);
        id = HexFormat.of().formatHex(random);
        bundle = directory.resolve(id.substring(0, 32));
        log = directory.resolve(id).resolve("ctr.log");
        state = directory.resolve("oci");
    }

    /** Skips the test where root, conmon, runc or a static busybox is missing. */
    static void assumePossible() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        for (String program : List.of("/usr/bin/conmon", "/usr/sbin/runc", "/bin/busybox")) {
            assumeTrue(Files.isExecutable(Path.of(program)), "needs " + program);
        }
    }

    /** Prepared up to the moment before it starts: conmon listens. */
    static ConmonContainer create(Path directory, boolean tty, boolean stdin, boolean stdinOnce, String... command)
            throws Exception {
        ConmonContainer container = new ConmonContainer(directory);
        container.prepare(tty, command);
        container.conmon.addAll(
                List.of("/usr/bin/conmon", "--api-version", "1", "--cid", container.id, "--cuuid", container.id));
        container.conmon.addAll(List.of("--runtime", "/usr/sbin/runc", "--runtime-arg", "--root=" + container.state));
        container.conmon.addAll(List.of("--bundle", container.bundle.toString(), "--full-attach"));
        container.conmon.addAll(List.of(
                "--container-pidfile",
                container.bundle.resolve("pid").toString(),
                "--conmon-pidfile",
                container.bundle.resolve("conmon.pid").toString()));
        container.conmon.addAll(List.of("--log-path", "k8s-file:" + container.log, "--no-sync-log"));
        if (tty) {
            container.conmon.add("--terminal");
        }
        if (stdin) {
            container.conmon.add("--stdin");
        }
        if (!stdinOnce || tty) {
            container.conmon.add("--leave-stdin-open");
        }
        run(container.conmon, container.bundle);
        container.await(container.bundle.resolve("pid"));
        return container;
    }

    private void prepare(boolean tty, String... command) throws Exception {
        Path programs = bundle.resolve("rootfs/bin");
        Files.createDirectories(programs);
        Files.createDirectories(log.getParent());
        Files.copy(Path.of("/bin/busybox"), programs.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
        for (String name : List.of("sh", "cat", "dd", "echo", "sleep", "stty", "seq", "sha256sum", "true")) {
            Files.createLink(programs.resolve(name), programs.resolve("busybox"));
        }
        run(List.of("/usr/sbin/runc", "spec"), bundle);
        Path file = bundle.resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
        ObjectNode process = (ObjectNode) config.get("process");
        process.put("terminal", tty).set("args", JSON.valueToTree(command));
        ((ObjectNode) config.get("linux")).put("cgroupsPath", "/gantry-test-" + id.substring(0, 12));
        Files.write(file, JSON.writeValueAsBytes(config));
    }

    void start() throws Exception {
        run(List.of("/usr/sbin/runc", "--root=" + state, "start", id), bundle);
    }

    Path attachSocket() {
        return bundle.resolve("attach");
    }

    Path control() {
        return bundle.resolve("ctl");
    }

    boolean isRunning() throws IOException {
        long pid = Long.parseLong(Files.readString(bundle.resolve("pid")).strip());
        return ProcessHandle.of(pid).isPresent();
    }

    private void await(Path file) throws Exception {
        for (int i = 0; i < 500 && (!Files.exists(file) || Files.size(file) == 0); i++) {
            Thread.sleep(10);
        }
    }

    private static void run(List<String> command, Path directory) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + " failed");
        }
    }

    @Override
    public void close() throws Exception {
        run(List.of("/usr/sbin/runc", "--root=" + state, "delete", "--force", id), bundle);
        // On hosts with hybrid cgroups runc leaves the one in the unified hierarchy.
        Files.deleteIfExists(Path.of("/sys/fs/cgroup/unified", "gantry-test-" + id.substring(0, 12)));
    }
}
