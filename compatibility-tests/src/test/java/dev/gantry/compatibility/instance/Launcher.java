package dev.gantry.compatibility.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The script that starts and stops instances; {@code -Dgantry.compatibility.launcher} says where it is. */
final class Launcher {
    static final String PROPERTY = "gantry.compatibility.launcher";

    private Launcher() {}

    static Optional<Path> path() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .filter(text -> !text.isEmpty())
                .map(Path::of);
    }

    /** Runs one of the commands of a launcher; what it prints is in the error when it fails. */
    static void run(Path program, String umask, Path configuration, String... command) {
        List<String> all = new ArrayList<>(List.of("--config", configuration.toString()));
        all.addAll(List.of(command));
        Outcome outcome = call(program, umask, all);
        if (outcome.exitCode() != 0) {
            throw new AssertionError("gantry " + String.join(" ", command) + " failed:\n" + outcome.printed());
        }
    }

    /** @param printed on both streams */
    record Outcome(int exitCode, String printed) {
        List<String> lines() {
            return printed.lines().toList();
        }
    }

    /** Runs one of its commands, which may fail. */
    static Outcome call(Path configuration, String... command) {
        List<String> all = new ArrayList<>(List.of("--config", configuration.toString()));
        all.addAll(List.of(command));
        return call(all);
    }

    static Outcome call(List<String> arguments) {
        return call(path().orElseThrow(), "022", arguments);
    }

    /** The same of another launcher than the one that the tests are of. */
    static Outcome call(Path program, List<String> arguments) {
        return call(program, "022", arguments);
    }

    /** The same of what packs, with a training that is short: how good its profiles are is for the benchmark to tell. */
    static Outcome pack(List<String> arguments) {
        List<String> all = new ArrayList<>(
                List.of("EXERCISE_ROUNDS=5", path().orElseThrow().toString()));
        all.addAll(arguments);
        return call(Path.of("/usr/bin/env"), all);
    }

    private static Outcome call(Path program, String umask, List<String> arguments) {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "umask " + umask + "; exec \"$0\" \"$@\"", program.toString());
        builder.command().addAll(arguments);
        builder.redirectErrorStream(true);
        // The environment would count for more than the configuration file.
        builder.environment().keySet().removeIf(key -> key.startsWith("GANTRY_") || key.startsWith("QUARKUS_"));
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), printed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The libraries of the assembled program, as a class path. */
    static String classPath() {
        Path libraries = path().orElseThrow().resolveSibling("standalone/target/quarkus-app/lib");
        return libraries.resolve("main") + "/*:" + libraries.resolve("boot") + "/*";
    }
}
