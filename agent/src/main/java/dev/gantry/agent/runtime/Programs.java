package dev.gantry.agent.runtime;

import dev.gantry.agent.host.HostThreads;
import dev.gantry.agent.linux.Spawn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finding and running the host's programs. */
public final class Programs {
    static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8");

    private static final List<String> DIRECTORIES = List.of(
            "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/libexec/podman");

    private static final int OUTPUT_LIMIT = 4 << 20;

    private Programs() {}

    /** @param output stdout and stderr, at most 4 MiB */
    public record Result(int exitCode, String output) {
        public boolean succeeded() {
            return exitCode == 0;
        }
    }

    public static Optional<Path> find(String name) {
        return DIRECTORIES.stream()
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Runs a program to its end. */
    public static Result run(List<String> command) throws IOException {
        return HostThreads.call(() -> {
            try (Spawn.Child child = Spawn.start(command, ENVIRONMENT, Path.of("/"), Spawn.Pipe.OUTPUT)) {
                ByteArrayOutputStream output = new ByteArrayOutputStream();
                byte[] next = child.read(8192);
                while (next.length > 0) {
                    if (output.size() < OUTPUT_LIMIT) {
                        output.writeBytes(next);
                    }
                    next = child.read(8192);
                }
                return new Result(child.waitFor(), output.toString(StandardCharsets.UTF_8));
            }
        });
    }
}
