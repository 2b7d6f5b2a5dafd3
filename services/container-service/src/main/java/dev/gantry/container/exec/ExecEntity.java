package dev.gantry.container.exec;

import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.ExecConfig;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.hibernate.annotations.ColumnTransformer;

/** A row of {@code container.execs}. */
@Entity(name = "ExecEntity")
@Table(schema = "container", name = "execs")
public class ExecEntity {
    static final String CREATED = "created";
    /** A client asked for the start; the host has not reported it yet. */
    static final String STARTING = "starting";

    static final String RUNNING = "running";
    static final String EXITED = "exited";

    @Id
    String id;

    @Column(name = "container_id")
    String containerId;

    @ColumnTransformer(read = "config #>> '{}'", write = StoredJson.WRITE)
    String config;

    @Column(name = "created_at")
    Instant createdAt;

    String state;
    int pid;

    @Column(name = "exit_code")
    Integer exitCode;

    @Column(name = "exited_at")
    Instant exitedAt;

    void exited(int code) {
        state = EXITED;
        exitCode = code;
        exitedAt = Instant.now();
    }

    ExecConfig config() {
        return StoredJson.read(config, ExecConfig.class);
    }

    /** The command line as events show it. */
    String command() {
        List<String> words = config().cmd();
        return words.getFirst() + " " + String.join(" ", words.subList(1, words.size()));
    }

    ContainerResults.ExecInspect inspect() {
        ExecConfig asked = config();
        List<String> words = asked.cmd();
        return new ContainerResults.ExecInspect(
                id,
                state.equals(RUNNING) || state.equals(STARTING),
                exitCode,
                new ContainerResults.Process(
                        asked.tty(),
                        words.getFirst(),
                        words.subList(1, words.size()),
                        asked.privileged(),
                        asked.user()),
                asked.attachStdin(),
                asked.attachStderr(),
                asked.attachStdout(),
                false,
                containerId,
                asked.detachKeys(),
                pid);
    }
}
