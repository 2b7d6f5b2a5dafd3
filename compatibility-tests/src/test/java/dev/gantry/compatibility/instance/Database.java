package dev.gantry.compatibility.instance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A PostgreSQL that {@code dev.gantry.embedded} started below a directory, asked by psql. */
record Database(Path directory) {
    /** That of an instance with the servers it comes with. */
    static Database of(Instance instance) {
        return new Database(instance.data().resolve("postgres"));
    }

    /** Rows, their columns separated by a tab. */
    List<String> query(String sql) {
        ProcessBuilder psql =
                new ProcessBuilder("psql", "-XAtq", "-F", "\t", "-h", "127.0.0.1", "-U", "gantry", "-c", sql, "gantry");
        psql.environment().put("PGPORT", read("port"));
        psql.environment().put("PGPASSWORD", read("password"));
        psql.environment().put("PGCONNECT_TIMEOUT", "5");
        return Commands.lines(psql);
    }

    /** The process of the server, which ends all others of it when it ends. */
    long pid() {
        return Long.parseLong(read("data/postmaster.pid").lines().findFirst().orElseThrow());
    }

    /** The server's process and one for each connection. */
    List<Long> processes() {
        return ProcessHandle.of(pid()).stream()
                .flatMap(server -> Stream.concat(Stream.of(server), server.children()))
                .map(ProcessHandle::pid)
                .toList();
    }

    Map<String, Long> count(List<String> tables) {
        String sql = tables.stream()
                .map(table -> "select '" + table + "', count(*) from " + table)
                .collect(Collectors.joining(" union all "));
        Map<String, Long> counts = new HashMap<>();
        for (String row : query(sql)) {
            String[] columns = row.split("\t");
            counts.put("rows in " + columns[0], Long.parseLong(columns[1]));
        }
        return counts;
    }

    /** Ids of the containers that are and that were. */
    Set<String> containersEver() {
        return Set.copyOf(query(
                "select id from container.containers union select subject from event.entry where noun = 'container'"));
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
