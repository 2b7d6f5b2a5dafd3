package dev.gantry.agent.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.host.AgentFiles;
import dev.gantry.agent.host.BootId;
import dev.gantry.agent.host.Disk;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Reports not yet acknowledged, in order, in memory and in a file of one JSON object a line. The file survives a kill of
 * this process. It is not forced to the disk: after a power cut a new epoch begins, in which the numbers start again.
 */
@ApplicationScoped
public class ReportJournal {
    /** Reports of health checks wait in memory with their output, up to some megabytes. */
    private static final int BACKLOG = 2000;

    private final ObjectMapper json;
    private final Path journal;
    private final Path numbers;
    private final Deque<Report> pending = new ArrayDeque<>();
    private final long epoch;
    private FileChannel channel;
    private long last;
    private volatile Runnable listener = () -> {};
    /** The last report of what was found at the start; none is known yet when negative. */
    private long found = -1;

    /** @param last the highest sequence number ever given in this epoch */
    record Numbers(long epoch, String bootId, long last) {}

    public ReportJournal(AgentFiles files, ObjectMapper json) throws IOException {
        this.json = json;
        this.journal = files.data().resolve("reports.jsonl");
        this.numbers = files.data().resolve("epoch.json");
        Numbers kept = Files.exists(numbers) ? json.readValue(Files.readAllBytes(numbers), Numbers.class) : null;
        List<Report> unacknowledged = read();
        boolean sameBoot = kept != null && kept.bootId().equals(BootId.CURRENT);
        this.epoch =
                sameBoot ? kept.epoch() : Math.max(System.currentTimeMillis(), kept == null ? 0 : kept.epoch() + 1);
        if (sameBoot) {
            last = kept.last();
            for (Report report : unacknowledged) {
                pending.add(report);
                last = Math.max(last, report.sequence());
            }
            channel = FileChannel.open(journal, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } else {
            channel = FileChannel.open(
                    journal, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            unacknowledged.forEach(report -> append(sequence -> renumbered(report, sequence)));
            Disk.replaceDurably(numbers, json.writeValueAsBytes(new Numbers(epoch, BootId.CURRENT, last)));
        }
    }

    public long epoch() {
        return epoch;
    }

    /** Adds the report that {@code factory} makes of its sequence number. */
    public synchronized <R extends Report> R append(LongFunction<R> factory) {
        R report = factory.apply(last + 1);
        try {
            ByteBuffer line = ByteBuffer.wrap(
                    (json.writeValueAsString(new Line(report)) + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        last = report.sequence();
        pending.add(report);
        listener.run();
        return report;
    }

    /** All that was found when this agent started is reported: what comes next happened since. */
    public synchronized void foundEverything() {
        found = last;
    }

    /** Whether the services have applied every report of what happened before this agent started. */
    public synchronized boolean isCaughtUp() {
        return found >= 0 && (pending.isEmpty() || pending.peek().sequence() > found);
    }

    /** Whether so many reports wait that those of which the next tells as much had better not be made. */
    public synchronized boolean isBehind() {
        return pending.size() >= BACKLOG;
    }

    /** Whether, by the reports that wait, the container runs: of its starts and ends a start is the last. */
    public synchronized boolean leavesRunning(String containerId) {
        Report last = null;
        for (Report report : pending) {
            boolean startOrEnd = report instanceof Report.ContainerStarted || report instanceof Report.ContainerExited;
            if (startOrEnd && report.containerId().equals(containerId)) {
                last = report;
            }
        }
        return last instanceof Report.ContainerStarted;
    }

    /** The oldest that wait, at most {@code limit}. */
    synchronized List<Report> pending(int limit) {
        return pending.stream().limit(limit).toList();
    }

    /** The services have everything up to {@code sequence}. */
    synchronized void acknowledge(long sequence) throws IOException {
        while (!pending.isEmpty() && pending.peek().sequence() <= sequence) {
            pending.remove();
        }
        if (pending.isEmpty()) {
            // First the number, then the reports: between the two, they are only sent once more.
            Disk.replace(numbers, json.writeValueAsBytes(new Numbers(epoch, BootId.CURRENT, last)));
            channel.truncate(0);
        }
    }

    /** @param wake called after each append, must not block */
    void onAppend(Runnable wake) {
        listener = wake;
    }

    /** One line of the file; a field of the interface's type makes Jackson write the type's name. */
    record Line(Report report) {}

    private List<Report> read() throws IOException {
        if (!Files.exists(journal)) {
            return List.of();
        }
        Deque<Report> reports = new ArrayDeque<>();
        for (String line : Files.readAllLines(journal)) {
            try {
                reports.add(json.readValue(line, Line.class).report());
            } catch (IOException e) {
                // The last line, cut short by a kill: its operation was never answered.
                break;
            }
        }
        return List.copyOf(reports);
    }

    private static Report renumbered(Report report, long sequence) {
        return switch (report) {
            case Report.ContainerStarted r ->
                new Report.ContainerStarted(
                        sequence,
                        r.containerId(),
                        r.at(),
                        r.pid(),
                        r.restartCount(),
                        r.networkNamespacePath(),
                        r.actor());
            case Report.ContainerExited r ->
                new Report.ContainerExited(
                        sequence, r.containerId(), r.at(), r.exitCode(), r.oomKilled(), r.restarting(), r.error());
            case Report.ContainerPaused r -> new Report.ContainerPaused(sequence, r.containerId(), r.at(), r.actor());
            case Report.ContainerUnpaused r ->
                new Report.ContainerUnpaused(sequence, r.containerId(), r.at(), r.actor());
            case Report.ContainerKilled r -> new Report.ContainerKilled(sequence, r.containerId(), r.at(), r.actor());
            case Report.ContainerOom r -> new Report.ContainerOom(sequence, r.containerId(), r.at());
            case Report.ExecStarted r -> new Report.ExecStarted(sequence, r.containerId(), r.execId(), r.at(), r.pid());
            case Report.ExecExited r ->
                new Report.ExecExited(sequence, r.containerId(), r.execId(), r.at(), r.exitCode());
            case Report.ProbeStarted r ->
                new Report.ProbeStarted(sequence, r.containerId(), r.execId(), r.at(), r.command());
            case Report.ProbeEnded r ->
                new Report.ProbeEnded(sequence, r.containerId(), r.execId(), r.at(), r.exitCode(), r.health());
        };
    }
}
