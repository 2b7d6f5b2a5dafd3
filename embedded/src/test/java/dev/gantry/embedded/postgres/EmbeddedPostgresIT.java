package dev.gantry.embedded.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gantry.embedded.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
    @TempDir
    Path directory;

    @Test
    void killed_postgres_comes_back_with_its_rows() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.DURABLE)) {
            assertEquals("", psql(postgres, "create table kept (n int); insert into kept values (42)"));
            long killed = postgres.pid();

            new ProcessBuilder("kill", "-9", Long.toString(killed)).start().waitFor();

            assertEquals("42", eventually(postgres, "select n from kept"));
            assertNotEquals(killed, postgres.pid());
        }
    }

    @Test
    void second_start_finds_rows_port_and_password_of_the_first() throws Exception {
        String url;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            psql(postgres, "create table kept (n int); insert into kept values (7)");
            url = postgres.jdbcUrl();
        }

        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            assertEquals(url, postgres.jdbcUrl());
            assertEquals("7", psql(postgres, "select n from kept"));
        }
    }

    @Test
    void nobody_but_root_and_postgres_gets_to_its_files() throws Exception {
        try (EmbeddedPostgres _ = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            assertEquals("rwx--x---", permissions(directory));
            assertEquals("rwx--x---", permissions(directory.resolve("pg")));
            assertEquals("rwx------", permissions(directory.resolve("pg/data")));
            assertEquals("rw-------", permissions(directory.resolve("pg/password")));
        }
    }

    @Test
    void every_connection_needs_the_password() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("pg"), Durability.FAST)) {
            List<String> ways = Files.readAllLines(directory.resolve("pg/data/pg_hba.conf")).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
            assertTrue(ways.stream().allMatch(way -> way.endsWith("scram-sha-256")), ways.toString());

            assertTrue(psql(postgres, "", "select 1").contains("no password supplied"));
            assertTrue(psql(postgres, "guessed", "select 1").contains("password authentication failed"));
            assertEquals("1", psql(postgres, "select 1"));
        }
    }

    private static String eventually(EmbeddedPostgres postgres, String sql) throws Exception {
        for (int i = 0; i < 100; i++) {
            String answer = psql(postgres, sql);
            if (!answer.contains("psql:")) {
                return answer;
            }
            Thread.sleep(100);
        }
        return psql(postgres, sql);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static String psql(EmbeddedPostgres postgres, String sql) throws Exception {
        return psql(postgres, postgres.password(), sql);
    }

    private static String psql(EmbeddedPostgres postgres, String password, String sql) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "psql", "-wqAt", "-d", postgres.reactiveUrl(), "-U", postgres.username(), "-c", sql)
                .redirectErrorStream(true);
        builder.environment().put("PGPASSWORD", password);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(process.waitFor() >= 0);
        return output.strip();
    }
}
