package dev.gantry.compatibility.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Another user of the machine, without any privilege.
 *
 * @param groups comma-separated, empty for none but its own
 */
record Stranger(String groups) {
    private static final String NOBODY = "65534";

    /** Each path that it may read, write, enter or execute: writing to a socket is connecting to it. */
    private static final String TRY =
            "while IFS= read -r path; do if [ -r \"$path\" ] || [ -w \"$path\" ] || [ -x \"$path\" ]; then"
                    + " printf '%s\\n' \"$path\"; fi; done";

    static Stranger alone() {
        return new Stranger("");
    }

    List<String> reached(Collection<String> paths) {
        return output(String.join("\n", paths) + "\n", "sh", "-c", TRY);
    }

    /** Lines that a command printed for it. */
    List<String> output(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(as(command)).redirectErrorStream(true).start();
            Thread.ofVirtual().start(() -> feed(process, input));
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return printed.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void feed(Process process, String input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has ended without reading all.
        }
    }

    private List<String> as(String... command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY));
        all.addAll(groups.isEmpty() ? List.of("--clear-groups") : List.of("--groups", groups));
        // setpriv itself finds programs with the rights that it had.
        all.addAll(List.of("--", "sh", "-c", "exec \"$0\" \"$@\""));
        all.addAll(List.of(command));
        return all;
    }
}
