package dev.gantry.container.fake;

import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The statements that a request makes, out of the log of the tests' PostgreSQL. */
@ApplicationScoped
public class Statements {
    /** What goes on beside any request: relays, the recovery, and this class itself. */
    private static final Pattern BESIDE = Pattern.compile(
            "outbox where|outbox_published|snapshots_to_delete| set operation_owner = |in \\('running','paused'\\)|advisory_lock|^(begin|commit);? *$|^listen ",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern STATEMENT = Pattern.compile("LOG:  (?:execute [^:]+|statement): (.*)");

    private final Pool database;

    Statements(Pool database) {
        this.database = database;
    }

    /** What the work makes the service ask, each statement's first line; where transactions begin and end does not count. */
    public List<String> of(Runnable work) {
        ask("alter system set log_statement = 'all'");
        ask("select pg_reload_conf()");
        // Sessions read the configuration before their next statement, once the postmaster has told them.
        while (!ask("show log_statement").equals("all")) {
            Thread.onSpinWait();
        }
        Path log = Path.of(ask("show data_directory")).resolveSibling("postgres.log");
        try {
            work.run();
            String from = ask("select 'begin ' || gen_random_uuid()");
            ask("select '" + from + "'");
            work.run();
            String to = ask("select 'end ' || gen_random_uuid()");
            ask("select '" + to + "'");
            List<String> lines = Files.readAllLines(log);
            return lines.subList(indexOf(lines, from) + 1, indexOf(lines, to)).stream()
                    .map(STATEMENT::matcher)
                    .filter(matcher ->
                            matcher.find() && !BESIDE.matcher(matcher.group(1)).find())
                    .map(matcher -> matcher.group(1))
                    .filter(sql -> !sql.contains("gen_random_uuid"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ask("alter system reset log_statement");
            ask("select pg_reload_conf()");
        }
    }

    private static int indexOf(List<String> lines, String mark) {
        for (int at = 0; at < lines.size(); at++) {
            if (lines.get(at).contains("'" + mark + "'")) {
                return at;
            }
        }
        throw new AssertionError("PostgreSQL has not logged " + mark);
    }

    /** The first value of the answer, as text. */
    public String ask(String sql) {
        return String.valueOf(database.query(sql)
                .execute()
                .map(rows -> rows.size() == 0 ? "" : rows.iterator().next().getValue(0))
                .await()
                .indefinitely());
    }
}
