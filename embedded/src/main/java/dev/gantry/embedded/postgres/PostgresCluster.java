package dev.gantry.embedded.postgres;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.embedded.Durability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The files of one database cluster, and how they come to be. Class that owns the layout below the directory. */
final class PostgresCluster {
    static final String USER = "gantry";
    static final String DATABASE = "gantry";

    private final Path directory;
    private final PostgresAccount account;

    PostgresCluster(Path directory, PostgresAccount account) {
        this.directory = directory.toAbsolutePath();
        this.account = account;
    }

    Path data() {
        return directory.resolve("data");
    }

    Path log() {
        return directory.resolve("postgres.log");
    }

    Path port() {
        return directory.resolve("port");
    }

    PostmasterFile postmaster() {
        return new PostmasterFile(data());
    }

    String password() throws IOException {
        return OwnerOnly.secret(directory.resolve("password"));
    }

    /** The programs that made the cluster, or the newest ones when there is none yet. */
    PostgresPrograms programs() throws IOException {
        Path version = data().resolve("PG_VERSION");
        if (Files.exists(version)) {
            return PostgresPrograms.ofMajor(Files.readString(version).strip()).orElseGet(PostgresPrograms::find);
        }
        return PostgresPrograms.find();
    }

    /**
     * Makes the cluster unless it is there. Phases: a directory of its own is filled by initdb, the database is added,
     * then it is renamed into place; an interrupted attempt is deleted by the next one.
     */
    void create(Durability durability) throws IOException, InterruptedException {
        OwnerOnly.directory(directory);
        account.admit(directory);
        account.admit(directory.getParent());
        if (Files.exists(data().resolve("PG_VERSION"))) {
            return;
        }
        Path fresh = directory.resolve("data.new");
        delete(fresh);
        Files.createDirectory(fresh);
        account.own(fresh);
        Path readable = directory.resolve("password.initdb");
        OwnerOnly.write(readable, password());
        account.own(readable);
        try {
            initialise(fresh, readable, durability);
        } finally {
            Files.deleteIfExists(readable);
        }
        Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void initialise(Path fresh, Path password, Durability durability) throws IOException, InterruptedException {
        PostgresPrograms programs = PostgresPrograms.find();
        List<String> initdb = new ArrayList<>(List.of(
                programs.initdb().toString(),
                "--pgdata=" + fresh,
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-instructions"));
        if (durability == Durability.FAST) {
            initdb.add("--no-sync");
        }
        run(initdb, "");
        String create = "CREATE DATABASE " + DATABASE + ";\n";
        run(
                List.of(
                        programs.postgres().toString(),
                        "--single",
                        "-c",
                        durability == Durability.FAST ? "fsync=off" : "fsync=on",
                        "-D",
                        fresh.toString(),
                        "template1"),
                create);
    }

    private void run(List<String> command, String input) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(account.command(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command.getFirst() + " failed: " + output.strip());
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
