package dev.gantry.container.report;

import com.fasterxml.jackson.core.JacksonException;
import dev.gantry.agent.api.Report;
import dev.gantry.container.state.StoredJson;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Keeps a report that cannot be applied in a table of its own, with the reason: its host sends it again until it is
 * acknowledged, and nothing behind it before that.
 */
@ApplicationScoped
class SetAside {
    private static final Logger LOG = Logger.getLogger(SetAside.class);
    private static final String INSERT = "insert into container.reports_aside"
            + " (host_id, epoch, sequence, container_id, report, reason)"
            + " values (:host, :epoch, :sequence, :container, :report, :reason) on conflict do nothing";

    /** SQLSTATE classes that speak of the data: what does not fit a column, what breaks a constraint. */
    private static final List<String> OF_DATA = List.of("22", "23");

    private final Mutiny.SessionFactory sessions;
    private final Counter kept;

    SetAside(Mutiny.SessionFactory sessions, MeterRegistry meters) {
        this.sessions = sessions;
        this.kept = counter(meters);
    }

    static Counter counter(MeterRegistry meters) {
        return meters.counter("gantry.reports.aside");
    }

    /**
     * Whether the failure is the report's own, so that it will fail again. Whatever comes of the database's state, its
     * connections, locks or disk, passes.
     */
    static boolean isOfReport(Throwable failure) {
        boolean own = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String refusal = sqlState(cause);
            if (refusal != null) {
                return OF_DATA.stream().anyMatch(refusal::startsWith);
            }
            if (cause instanceof IOException && !(cause instanceof JacksonException)) {
                return false;
            }
            own |= isThrownByUs(cause);
        }
        return own;
    }

    /** Hibernate wraps what the client says in an exception of its own; null for what is no answer of the database. */
    private static String sqlState(Throwable failure) {
        return switch (failure) {
            case PgException refused -> refused.getSqlState();
            case SQLException refused -> refused.getSQLState();
            default -> null;
        };
    }

    /** By our code, or for it by the JDK's; the same of a library may come of a connection that is being closed. */
    private static boolean isThrownByUs(Throwable failure) {
        return failure instanceof JacksonException
                || Arrays.stream(failure.getStackTrace())
                        .map(StackTraceElement::getClassName)
                        .filter(name -> !name.startsWith("java."))
                        .limit(1)
                        .anyMatch(name -> name.startsWith("dev.gantry."));
    }

    Uni<Void> keep(String host, long epoch, Report report, Throwable reason) {
        LOG.errorf(reason, "report %d of host %s is set aside: %s", report.sequence(), host, report);
        kept.increment();
        return sessions.withTransaction(session -> session.createNativeQuery(INSERT)
                .setParameter("host", host)
                .setParameter("epoch", epoch)
                .setParameter("sequence", report.sequence())
                .setParameter("container", text(report.containerId()))
                .setParameter("report", text(StoredJson.write(report)))
                .setParameter("reason", text(reason.toString()))
                .executeUpdate()
                .replaceWithVoid());
    }

    /** PostgreSQL stores no NUL character, which may be just what is wrong with the report. */
    private static String text(String any) {
        return any == null ? "" : any.replace('\0', '?');
    }
}
