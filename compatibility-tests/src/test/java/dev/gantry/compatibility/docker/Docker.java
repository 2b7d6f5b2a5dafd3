package dev.gantry.compatibility.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The real {@code docker} program against the endpoint, for one test: it knows what the test made and removes it. */
public final class Docker implements AutoCloseable {
    public static final ObjectMapper JSON = new ObjectMapper();

    /** The common pool may have a single thread, which the first blocked reader would take. */
    private static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();

    private static final long COMMAND_SECONDS = 60;
    private static final Path CONFIGURATION = configuration();

    private final Endpoint endpoint;
    private final String scope = "gc" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Process> started = new ArrayList<>();
    private final List<String> images = new ArrayList<>();

    public Docker(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    private static Path configuration() {
        try {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "docker-config");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** A name that no other test uses; containers, volumes and networks named so are removed after the test. */
    public String name(String suffix) {
        return scope + "-" + suffix;
    }

    /** An image reference that is removed after the test. */
    public String reference(String suffix) {
        String reference = "gantry-compat/" + scope + "-" + suffix;
        images.add(reference);
        return reference;
    }

    public void removeLater(String image) {
        images.add(image);
    }

    public Result call(String... arguments) {
        return callWithInput(new byte[0], arguments);
    }

    /** A command that may take longer than others. */
    public Result callWithin(long seconds, String... arguments) {
        return run(seconds, new byte[0], arguments);
    }

    /** Standard output, stripped, of a command that must succeed. */
    public String ok(String... arguments) {
        return call(arguments).text();
    }

    public Result callWithInput(byte[] input, String... arguments) {
        return run(COMMAND_SECONDS, input, arguments);
    }

    /** Another client than {@code docker}, that is told of the endpoint in the same way. */
    public Result client(Path directory, Map<String, String> environment, String... command) {
        return clientWithin(4 * COMMAND_SECONDS, directory, environment, command);
    }

    /** The same of one that may take longer. */
    public Result clientWithin(long seconds, Path directory, Map<String, String> environment, String... command) {
        ProcessBuilder builder = builder(Arrays.asList(command)).directory(directory.toFile());
        builder.environment().putAll(environment);
        return run(seconds, new byte[0], Arrays.asList(command), start(builder));
    }

    private Result run(long seconds, byte[] input, String... arguments) {
        return run(seconds, input, command(arguments), start(arguments));
    }

    private static Result run(long seconds, byte[] input, List<String> command, Process process) {
        CompletableFuture<byte[]> out = CompletableFuture.supplyAsync(() -> drain(process.getInputStream()), THREADS);
        CompletableFuture<byte[]> err = CompletableFuture.supplyAsync(() -> drain(process.getErrorStream()), THREADS);
        try {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> feed(process, input), THREADS);
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(String.join(" ", command) + " did not end in " + seconds
                        + " s; so far it printed:\n" + text(out.join()) + text(err.join()));
            }
            writer.join();
            return new Result(command, process.exitValue(), text(out.join()), text(err.join()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] drain(InputStream in) {
        try {
            return in.readAllBytes();
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private static void feed(Process process, byte[] input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException closed) {
            // The command did not want its input.
        }
    }

    /** In the background; ended after the test. */
    public Process start(String... arguments) {
        return start(command(arguments));
    }

    /** In a terminal of its own, as someone at a keyboard runs it: write keys, read the screen. */
    public Process startInTerminal(String... arguments) {
        String line = String.join(
                " ",
                command(arguments).stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .toList());
        return start(List.of("script", "-qfec", line, "/dev/null"));
    }

    private Process start(List<String> command) {
        return start(builder(command));
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.put("DOCKER_HOST", endpoint.url());
        environment.put("DOCKER_CONFIG", CONFIGURATION.toString());
        environment.put("DOCKER_CLI_HINTS", "false");
        environment.keySet().removeAll(List.of("DOCKER_CONTEXT", "DOCKER_API_VERSION", "DOCKER_TLS_VERIFY"));
        return builder;
    }

    private Process start(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** Starts a container that does nothing until it is stopped, and returns its name. */
    public String sleeping(String suffix, String... options) {
        String name = name(suffix);
        List<String> arguments = new ArrayList<>(List.of("run", "-d", "--name", name));
        arguments.addAll(Arrays.asList(options));
        // The trap makes stopping quick: process 1 ignores signals that it has no handler for.
        arguments.addAll(
                List.of(Images.BUSYBOX, "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done"));
        ok(arguments.toArray(String[]::new));
        return name;
    }

    public JsonNode inspect(String name) {
        return json(ok("inspect", name)).get(0);
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** Waits, at most two minutes: on a busy machine a process of ours takes half a minute to start. */
    public static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            pause(50);
        }
    }

    /** As above; the failure shows what there was instead. */
    public static <T> void await(String what, T wanted, Supplier<T> actual) {
        AtomicReference<T> last = new AtomicReference<>();
        try {
            await(what, () -> {
                last.set(actual.get());
                return wanted.equals(last.get());
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + " is " + wanted + ": it was " + last.get(), e);
        }
    }

    /** Waits until the container has printed it. */
    public void awaitOutput(String container, String line) {
        await("it prints " + line, () -> call("logs", container).lines().contains(line));
    }

    /** Reads what a process shows, as far as a text that must come. */
    public static void awaitOnScreen(Process process, String text) {
        CompletableFuture<String> shown =
                CompletableFuture.supplyAsync(() -> upTo(text, process.getInputStream()), THREADS);
        try {
            String screen = shown.get(COMMAND_SECONDS, TimeUnit.SECONDS);
            if (!screen.endsWith(text)) {
                throw new AssertionError("it ended without " + text + ": " + screen);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("it does not show " + text, e);
        }
    }

    private static String upTo(String text, InputStream in) {
        StringBuilder screen = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                screen.append((char) next);
                if (screen.indexOf(text) >= 0) {
                    break;
                }
            }
            return screen.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public int apiMinor() {
        return Integer.parseInt(
                ok("version", "--format", "{{.Server.APIVersion}}").split("\\.")[1]);
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
        remove(ours("ps", "-aq", "--no-trunc"), "rm", "-fv");
        remove(ours("volume", "ls", "-q"), "volume", "rm", "-f");
        remove(ours("network", "ls", "-q"), "network", "rm");
        for (String image : images) {
            call("rmi", "-f", image);
        }
    }

    private List<String> ours(String... list) {
        List<String> arguments = new ArrayList<>(Arrays.asList(list));
        arguments.addAll(List.of("--filter", "name=" + scope));
        return call(arguments.toArray(String[]::new)).out().lines().toList();
    }

    private void remove(List<String> names, String... command) {
        if (!names.isEmpty()) {
            List<String> arguments = new ArrayList<>(Arrays.asList(command));
            arguments.addAll(names);
            call(arguments.toArray(String[]::new));
        }
    }
}
