package dev.gantry.embedded.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** PostgreSQL's programs as installed on this machine: on the PATH, or where Debian puts them. */
record PostgresPrograms(Path directory) {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    static PostgresPrograms find() {
        return onPath().or(PostgresPrograms::debian)
                .map(PostgresPrograms::new)
                .orElseThrow(
                        () -> new IllegalStateException("PostgreSQL is not installed: no initdb on the PATH or below "
                                + DEBIAN + "; install the package postgresql, or set gantry.postgres.jdbc-url"));
    }

    Path initdb() {
        return directory.resolve("initdb");
    }

    Path postgres() {
        return directory.resolve("postgres");
    }

    /** The major version, such as 15: a cluster can only be opened by the one that made it. */
    static Optional<PostgresPrograms> ofMajor(String major) {
        Path directory = DEBIAN.resolve(major).resolve("bin");
        return Files.isExecutable(directory.resolve("postgres"))
                ? Optional.of(new PostgresPrograms(directory))
                : Optional.empty();
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .filter(PostgresPrograms::holdsPrograms)
                .findFirst();
    }

    private static Optional<Path> debian() {
        if (!Files.isDirectory(DEBIAN)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(PostgresPrograms::holdsPrograms)
                    .max(Comparator.comparingInt(bin -> majorOf(bin.getParent())));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static int majorOf(Path version) {
        String name = version.getFileName().toString().split("\\.", 2)[0];
        return name.chars().allMatch(Character::isDigit) ? Integer.parseInt(name) : 0;
    }

    private static boolean holdsPrograms(Path bin) {
        return Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres"));
    }
}
