package dev.gantry.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names this run of the kernel: pids and mounts of another one mean nothing. */
public final class BootId {
    public static final String CURRENT = read();

    private BootId() {}

    private static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
