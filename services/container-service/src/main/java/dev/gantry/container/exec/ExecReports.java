package dev.gantry.container.exec;

import dev.gantry.agent.api.Report;
import dev.gantry.container.state.Changes;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.ContainerFacts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/** Applies what a host reports of execs. An end is final, so repeated and late reports change nothing. */
@ApplicationScoped
public class ExecReports {
    private final ContainerFacts facts;
    private final Changes changes;

    ExecReports(ContainerFacts facts, Changes changes) {
        this.facts = facts;
        this.changes = changes;
    }

    public Uni<Void> started(Mutiny.Session session, Report.ExecStarted report) {
        return session.find(ExecEntity.class, report.execId()).chain(exec -> {
            if (exec != null && !exec.state.equals(ExecEntity.EXITED)) {
                exec.state = ExecEntity.RUNNING;
                exec.pid = report.pid();
            }
            return Uni.createFrom().voidItem();
        });
    }

    public Uni<Void> exited(Mutiny.Session session, ContainerEntity container, Report.ExecExited report) {
        return session.find(ExecEntity.class, report.execId()).chain(exec -> {
            if (exec == null || exec.state.equals(ExecEntity.EXITED)) {
                return Uni.createFrom().voidItem();
            }
            exec.exited(report.exitCode());
            Map<String, String> more = Map.of("execID", exec.id, "exitCode", Integer.toString(report.exitCode()));
            return facts.append(
                            session,
                            ContainerFacts.of(container, "exec_die", more).at(report.at()))
                    .chain(session::flush)
                    .chain(() -> OldExecs.forgetEnded(session, container.id))
                    .chain(() -> changes.tell(session, container));
        });
    }
}
