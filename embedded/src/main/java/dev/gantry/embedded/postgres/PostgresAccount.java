package dev.gantry.embedded.postgres;

import dev.gantry.agent.api.file.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The user that PostgreSQL runs as. It refuses to be root, so root hands over to {@code postgres}: never to a user whom
 * other programs share, since those could read all that the database holds.
 *
 * @param name empty: the user that we are ourselves
 */
record PostgresAccount(Optional<String> name, int uid, int gid) {
    static PostgresAccount choose() {
        if (!System.getProperty("user.name").equals("root")) {
            return new PostgresAccount(Optional.empty(), 0, 0);
        }
        return named("postgres")
                .orElseThrow(() -> new IllegalStateException("no user for PostgreSQL: add one called postgres"));
    }

    private static Optional<PostgresAccount> named(String user) {
        try {
            return Files.readAllLines(Path.of("/etc/passwd")).stream()
                    .map(line -> line.split(":"))
                    .filter(fields -> fields[0].equals(user))
                    .map(fields -> new PostgresAccount(
                            Optional.of(user), Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command as this user; the kernel sends SIGINT (fast shutdown) when the thread that started it is gone. */
    List<String> command(List<String> command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--pdeathsig", "INT"));
        if (name.isPresent()) {
            all.addAll(List.of("--reuid", Integer.toString(uid), "--regid", Integer.toString(gid), "--clear-groups"));
        }
        all.add("--");
        all.addAll(command);
        return all;
    }

    /** Lets it pass through the directory to what is its own inside. */
    void admit(Path directory) throws IOException {
        if (name.isPresent()) {
            OwnerOnly.admit(
                    directory,
                    FileSystems.getDefault()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByGroupName(Integer.toString(gid)));
        }
    }

    void own(Path path) throws IOException {
        if (name.isPresent()) {
            var users = FileSystems.getDefault().getUserPrincipalLookupService();
            Files.setOwner(path, users.lookupPrincipalByName(name.get()));
            Files.getFileAttributeView(path, PosixFileAttributeView.class)
                    .setGroup(users.lookupPrincipalByGroupName(Integer.toString(gid)));
        }
    }
}
