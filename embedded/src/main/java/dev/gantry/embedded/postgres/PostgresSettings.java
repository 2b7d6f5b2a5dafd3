package dev.gantry.embedded.postgres;

import dev.gantry.embedded.Durability;
import java.util.List;
import java.util.stream.Stream;

/** The server's settings: reachable by loopback only, small in memory, one writer's load. */
final class PostgresSettings {
    private static final List<String> ALWAYS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "password_encryption=scram-sha-256",
            "max_connections=60",
            "shared_buffers=16MB",
            "work_mem=2MB",
            "maintenance_work_mem=16MB",
            "wal_buffers=512kB",
            "min_wal_size=32MB",
            "max_wal_size=256MB",
            // No replica and no archive: less to write, and one process less.
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_logical_replication_workers=0",
            "max_parallel_workers=0",
            "max_parallel_workers_per_gather=0",
            "autovacuum_max_workers=1",
            "autovacuum_naptime=60s",
            "jit=off",
            "huge_pages=off",
            "log_timezone=UTC",
            "timezone=UTC",
            "log_checkpoints=off",
            "log_line_prefix=%m [%p] ");

    private static final List<String> DURABLE = List.of("fsync=on", "synchronous_commit=on", "full_page_writes=on");
    private static final List<String> FAST = List.of("fsync=off", "synchronous_commit=off", "full_page_writes=off");

    private PostgresSettings() {}

    static List<String> of(Durability durability, int port) {
        return Stream.of(ALWAYS, durability == Durability.DURABLE ? DURABLE : FAST, List.of("port=" + port))
                .flatMap(List::stream)
                .toList();
    }
}
