package dev.gantry.agent.exec;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.Disk;
import dev.gantry.agent.host.ExecFiles;
import dev.gantry.agent.linux.Signals;
import dev.gantry.agent.report.ReportJournal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Execs that run, from their start to the file with their exit code; also across restarts of this agent. */
@ApplicationScoped
public class Execs {
    private static final Logger LOG = Logger.getLogger(Execs.class);
    private static final int KILLED_EXIT = 137;

    /** Far more than end between the end of a stream and its client's question. */
    private static final int REMEMBERED = 4096;

    private final AgentFiles files;
    private final ReportJournal reports;
    private final ObjectMapper json;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, Life> lives = Collections.synchronizedMap(new LatestLives());
    private final Map<WatchKey, Running> watched = new ConcurrentHashMap<>();
    private final WatchService watch;

    /** @param conmonStart see {@link Signals#startTime} */
    record Running(String containerId, String execId, int pid, int conmonPid, long conmonStart) {}

    /** What is waited for: its pid, and its exit code. One that does not start has no pid, which is 0. */
    private record Life(CompletableFuture<Integer> pid, CompletableFuture<Integer> exit) {
        Life() {
            this(new CompletableFuture<>(), new CompletableFuture<>());
        }

        void end(int exitCode) {
            exit.complete(exitCode);
            pid.complete(0);
        }
    }

    /** By exec, the oldest forgotten. */
    private static final class LatestLives extends LinkedHashMap<String, Life> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Life> eldest) {
            return size() > REMEMBERED;
        }
    }

    public Execs(AgentFiles files, ReportJournal reports, ObjectMapper json) throws IOException {
        this.files = files;
        this.reports = reports;
        this.json = json;
        this.watch = files.execs().getFileSystem().newWatchService();
    }

    /** Takes up what an earlier agent left, and begins to watch. */
    public void adopt() throws IOException {
        try (Stream<Path> entries = Files.list(files.execs())) {
            for (Path root : entries.toList()) {
                adopt(new ExecFiles(root));
            }
        }
        Thread.ofPlatform().daemon().name("exec-exits").start(this::run);
    }

    private void adopt(ExecFiles own) throws IOException {
        if (!Files.exists(own.state())) {
            Disk.deleteTree(own.root());
            return;
        }
        Running exec = json.readValue(Files.readAllBytes(own.state()), Running.class);
        running.put(exec.execId(), exec);
        life(exec.execId()).pid().complete(exec.pid());
        watch(exec, own);
        if (!Signals.alive(exec.conmonPid(), exec.conmonStart())) {
            finish(exec, KILLED_EXIT, Instant.now());
        }
    }

    /** Before the exec starts: makes its directories. */
    ExecFiles prepare(String execId) throws IOException {
        ExecFiles own = files.exec(execId);
        if (running.containsKey(execId) || Files.exists(own.root())) {
            throw new AgentFailure(AgentFailure.Code.CONFLICT, "exec " + execId + " has been started already");
        }
        Files.createDirectories(own.exits());
        life(execId);
        return own;
    }

    void started(String containerId, String execId, int pid, ExecFiles own) throws IOException {
        int conmon = Integer.parseInt(Files.readString(own.conmonPid()).strip());
        Running exec = new Running(containerId, execId, pid, conmon, Signals.startTime(conmon));
        Disk.replace(own.state(), json.writeValueAsBytes(exec));
        Instant at = Instant.now();
        reports.append(sequence -> new Report.ExecStarted(sequence, containerId, execId, at, pid));
        running.put(execId, exec);
        life(execId).pid().complete(pid);
        watch(exec, own);
    }

    /** It did not start. */
    void failed(String containerId, String execId) {
        int exitCode = ContainerOperations.NOT_STARTED_EXIT;
        life(execId).end(exitCode);
        Disk.deleteTree(files.exec(execId).root());
        Instant at = Instant.now();
        reports.append(sequence -> new Report.ExecExited(sequence, containerId, execId, at, exitCode));
    }

    /** Completes with its exit code when it ends; {@code NOT_FOUND} when it ended long ago, or never was. */
    CompletableFuture<Integer> exit(String execId) {
        return known(execId).exit();
    }

    /** Completes with its pid when it has been started; fails as {@link #exit} does. */
    CompletableFuture<Integer> pid(String execId) {
        return known(execId).pid();
    }

    private Life known(String execId) {
        Life life = lives.get(execId);
        if (life == null) {
            throw noSuch(execId);
        }
        return life;
    }

    private Life life(String execId) {
        return lives.computeIfAbsent(execId, unknown -> new Life());
    }

    private static AgentFailure noSuch(String execId) {
        return new AgentFailure(AgentFailure.Code.NOT_FOUND, "No such exec instance: " + execId);
    }

    /** Its control fifo; {@code NOT_FOUND} when it does not run. */
    Path control(String execId) {
        if (!running.containsKey(execId)) {
            throw noSuch(execId);
        }
        return files.exec(execId).control();
    }

    private void watch(Running exec, ExecFiles own) throws IOException {
        watched.put(own.exits().register(watch, StandardWatchEventKinds.ENTRY_CREATE), exec);
        // What ended before the registration leaves no event.
        check(exec);
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = watch.take();
                key.pollEvents();
                key.reset();
                Running exec = watched.get(key);
                if (exec != null) {
                    check(exec);
                    watched.values().removeIf(other -> !running.containsKey(other.execId()));
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            LOG.debug("exits of execs are no longer watched");
        }
    }

    private void check(Running exec) {
        Path file = files.exec(exec.execId()).exits().resolve(exec.containerId());
        try {
            if (Files.exists(file)) {
                int exitCode = Integer.parseInt(Files.readString(file).strip());
                finish(exec, exitCode, Disk.writtenAt(file));
            }
        } catch (NoSuchFileException e) {
            // Another look at it was quicker, and has finished it.
            LOG.debugf("exec %s has ended", exec.execId());
        } catch (IOException e) {
            LOG.warnf(e, "exit of exec %s", exec.execId());
        }
    }

    private void finish(Running exec, int exitCode, Instant at) {
        if (running.remove(exec.execId(), exec)) {
            life(exec.execId()).end(exitCode);
            reports.append(
                    sequence -> new Report.ExecExited(sequence, exec.containerId(), exec.execId(), at, exitCode));
            Disk.deleteTree(files.exec(exec.execId()).root());
        }
    }

    @PreDestroy
    void stop() throws IOException {
        watch.close();
    }
}
