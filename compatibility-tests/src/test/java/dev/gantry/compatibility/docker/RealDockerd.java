package dev.gantry.compatibility.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A dockerd with directories, socket, bridge and subnet of its own, beside whatever else runs on the machine. What it
 * leaves behind (its iptables chains, its bridge, its directories) is removed when it is closed.
 */
public final class RealDockerd implements AutoCloseable {
    private static final String BRIDGE = "gantrycompat0";
    private static final String ADDRESS = "10.213.64.1/24";
    private static final long START_SECONDS = 60;

    private final Path directory;
    private final Process process;
    private final String rulesBefore;

    private RealDockerd(Path directory, Process process, String rulesBefore) {
        this.directory = directory;
        this.process = process;
        this.rulesBefore = rulesBefore;
    }

    /** Says where the newest one is; else it is looked for on PATH. */
    private static final String PROPERTY = "gantry.compatibility.dockerd";

    /** @param directory made for it; deleted by {@link #close} */
    public static RealDockerd start(Path directory) throws IOException, InterruptedException {
        return start(directory, List.of("dockerd"));
    }

    /** The newest there is, in a mount namespace where mounts are shared, as they are on hosts with systemd. */
    public static RealDockerd startShared(Path directory) throws IOException, InterruptedException {
        return start(directory, List.of("unshare", "--mount", "--propagation=shared", newest()));
    }

    /** The newest there is, with that {@code daemon.json}. */
    public static RealDockerd configured(Path directory, Path file) throws IOException, InterruptedException {
        return start(directory, List.of(newest(), "--config-file=" + file));
    }

    private static String newest() {
        String newest = System.getProperty(PROPERTY, "");
        return newest.isEmpty() ? "dockerd" : newest;
    }

    public long pid() {
        return process.pid();
    }

    private static RealDockerd start(Path directory, List<String> program) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        String rules = output("iptables-save");
        output("ip", "link", "add", BRIDGE, "type", "bridge");
        output("ip", "address", "add", ADDRESS, "dev", BRIDGE);
        output("ip", "link", "set", BRIDGE, "up");
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("pid"),
                "--host=unix://" + directory.resolve("docker.sock"),
                "--bridge=" + BRIDGE,
                "--default-address-pool=base=10.213.80.0/20,size=24",
                "--storage-driver=overlay2"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        RealDockerd dockerd = new RealDockerd(directory, process, rules);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!dockerd.answers()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                String log = Files.readString(directory.resolve("log"));
                dockerd.close();
                throw new IOException("dockerd does not start:\n" + log);
            }
            Thread.sleep(200);
        }
        return dockerd;
    }

    public String url() {
        return "unix://" + directory.resolve("docker.sock");
    }

    private boolean answers() throws IOException, InterruptedException {
        return new ProcessBuilder("docker", "-H", url(), "version")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Override
    public void close() {
        try {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            output("ip", "link", "delete", BRIDGE);
            if (!rulesBefore.contains("DOCKER")) {
                restoreRules();
            }
            // dockerd leaves the namespace of containers without a network mounted.
            output("umount", directory.resolve("exec/netns/default").toString());
            output("rm", "-rf", "--one-file-system", directory.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** No other dockerd was there before, so its chains go with it. */
    private void restoreRules() throws IOException, InterruptedException {
        for (String table : List.of("filter", "nat")) {
            if (!rulesBefore.contains("*" + table)) {
                output("nft", "delete", "table", "ip", table);
            }
        }
        Process restore = new ProcessBuilder("iptables-restore").start();
        try (var in = restore.getOutputStream()) {
            in.write(rulesBefore.getBytes(StandardCharsets.UTF_8));
        }
        restore.waitFor();
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text;
    }
}
