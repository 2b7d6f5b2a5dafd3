package dev.gantry.compatibility.deployment;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The program that renders manifests; {@code -Dgantry.compatibility.kubectl} says where it is, otherwise the path does. */
final class Kubectl {
    private static final String PROPERTY = "gantry.compatibility.kubectl";

    private Kubectl() {}

    /** Skips the test where there is none with kustomize 5: older ones do not know components or labels. */
    static Path required() {
        Optional<Path> found = candidates().filter(Files::isExecutable);
        Assumptions.assumeTrue(found.isPresent(), "no kubectl: set -D" + PROPERTY + "=.../kubectl");
        Path program = found.orElseThrow();
        String version = run(program.toString(), "version", "--client");
        Assumptions.assumeTrue(
                version.contains("Kustomize Version: v5."),
                () -> program + " has another kustomize than 5: " + version);
        return program;
    }

    private static Optional<Path> candidates() {
        String given = System.getProperty(PROPERTY, "");
        return given.isEmpty()
                ? Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(directory -> Path.of(directory, "kubectl"))
                        .filter(Files::isExecutable)
                        .findFirst()
                : Optional.of(Path.of(given));
    }

    static String render(Path directory) {
        return run(required().toString(), "kustomize", directory.toString());
    }

    /** Standard output of any command, which must succeed. */
    static String run(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("GANTRY_"));
        builder.environment().put("KUBECONFIG", "/nonexistent");
        try {
            Path errors = Files.createTempFile(Files.createDirectories(Path.of("target")), "kubectl", ".err");
            Process process = builder.redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + " failed:\n" + Files.readString(errors));
            }
            Files.delete(errors);
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
