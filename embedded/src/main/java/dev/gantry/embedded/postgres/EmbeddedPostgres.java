package dev.gantry.embedded.postgres;

import dev.gantry.embedded.Durability;
import dev.gantry.embedded.LoopbackPort;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A PostgreSQL of our own, on a loopback port with a password, below one directory. It is started anew when it dies,
 * and ends with this process, however that ends.
 *
 * <p>Phases of a start: make the cluster if there is none; wait for (or end) a server that an earlier, killed parent
 * left behind; start the server; wait until it says ready. A failed start leaves the cluster, and no process.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final PostgresCluster cluster;
    private final PostgresAccount account = PostgresAccount.choose();
    private final Durability durability;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final Thread supervisor = new Thread(this::supervise, "embedded-postgres");
    private final int port;
    private final String password;
    private volatile Process server;
    private volatile boolean closed;

    private EmbeddedPostgres(Path directory, Durability durability) throws IOException, InterruptedException {
        this.cluster = new PostgresCluster(directory, account);
        this.durability = durability;
        cluster.create(durability);
        endHolder();
        this.port = LoopbackPort.remembered(cluster.port());
        this.password = cluster.password();
        supervisor.setDaemon(true);
        supervisor.start();
    }

    /**
     * Returns when it accepts connections. The user {@code postgres} is let
     * through the directory above; those above that it must be able to pass.
     *
     * @throws IllegalStateException when PostgreSQL is not installed or does not start; the message has the reason
     */
    public static EmbeddedPostgres start(Path directory, Durability durability) {
        EmbeddedPostgres postgres = begin(directory, durability);
        postgres.awaitReady();
        return postgres;
    }

    /** As {@link #start}, but it returns as soon as it is known where it will be reached: {@link #awaitReady}. */
    public static EmbeddedPostgres begin(Path directory, Durability durability) {
        try {
            return new EmbeddedPostgres(directory, durability);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** @throws IllegalStateException when it does not start; the message has the reason */
    public void awaitReady() {
        try {
            ready.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(
                    "PostgreSQL does not start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + PostgresCluster.DATABASE;
    }

    public String reactiveUrl() {
        return "postgresql://127.0.0.1:" + port + "/" + PostgresCluster.DATABASE;
    }

    public String username() {
        return PostgresCluster.USER;
    }

    public String password() {
        return password;
    }

    /** What clients are to be told, by the keys of the configuration. */
    public Map<String, String> settings() {
        return Map.of(
                "gantry.postgres.jdbc-url", jdbcUrl(),
                "gantry.postgres.reactive-url", reactiveUrl(),
                "gantry.postgres.username", username(),
                "gantry.postgres.password", password());
    }

    /** Pid of the server that runs now. */
    public long pid() {
        return server.pid();
    }

    /** Ends the server after its open transactions were rolled back and everything is on disk. */
    @Override
    public void close() {
        closed = true;
        Process running = server;
        try {
            if (running != null && running.isAlive()) {
                signal("INT", running.pid());
                if (!running.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    signal("QUIT", running.pid());
                    running.waitFor(5, TimeUnit.SECONDS);
                }
            }
            supervisor.interrupt();
            supervisor.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("PostgreSQL could not be told to stop", e);
        }
    }

    /** Runs as long as the server is wanted: the kernel ends the server when the thread that started it ends. */
    private void supervise() {
        while (!closed) {
            try {
                run();
            } catch (IOException e) {
                ready.completeExceptionally(e);
                LOG.warnf("PostgreSQL: %s", e.getMessage());
            } catch (InterruptedException _) {
                return;
            }
            if (!ready.isDone() || ready.isCompletedExceptionally()) {
                return;
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        endHolder();
        Process started = new ProcessBuilder(account.command(command()))
                .directory(cluster.data().getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(cluster.log().toFile()))
                .redirectInput(new File("/dev/null"))
                .start();
        server = started;
        awaitReady(started);
        ready.complete(null);
        int status = started.waitFor();
        if (!closed) {
            LOG.warnf("PostgreSQL ended with status %d; starting it again", status);
            Thread.sleep(200);
        }
    }

    private void awaitReady(Process started) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!cluster.postmaster().isReady(started.pid())) {
            if (started.waitFor(10, TimeUnit.MILLISECONDS)) {
                if (closed) {
                    return;
                }
                if (ready.isDone()) {
                    // Processes of a killed server hold its shared memory for a moment: the loop tries again.
                    throw new IOException("ended with status " + started.exitValue() + " while starting");
                }
                throw new IOException("ended with status " + started.exitValue() + "; see " + cluster.log());
            }
            if (System.nanoTime() > deadline) {
                started.destroyForcibly();
                throw new IOException("not ready after " + START_LIMIT.toSeconds() + " s; see " + cluster.log());
            }
        }
    }

    /** A server whose parent was killed is on its way out by the signal that the kernel sent it. */
    private void endHolder() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        OptionalLong holder = cluster.postmaster().holder();
        while (holder.isPresent()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("another server (pid " + holder.getAsLong() + ") uses " + cluster.data());
            }
            signal("INT", holder.getAsLong());
            Thread.sleep(50);
            holder = cluster.postmaster().holder();
        }
        cluster.postmaster().deleteIfStale();
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    private List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(cluster.programs().postgres().toString());
        command.add("-D");
        command.add(cluster.data().toString());
        for (String setting : PostgresSettings.of(durability, port)) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }
}
