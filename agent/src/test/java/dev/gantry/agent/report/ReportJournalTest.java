package dev.gantry.agent.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.host.AgentFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportJournalTest {
    @TempDir
    Path directory;

    @Test
    void container_whose_start_is_the_last_that_waits_is_left_running() throws IOException {
        ReportJournal journal = journal();
        assertFalse(journal.leavesRunning("a"));

        started(journal, "a");
        exited(journal, "b");
        assertTrue(journal.leavesRunning("a"));
        assertFalse(journal.leavesRunning("b"));
        assertTrue(journal().leavesRunning("a"), "read from the disk");

        exited(journal, "a");
        assertFalse(journal.leavesRunning("a"));

        long last = started(journal, "a").sequence();
        assertTrue(journal.leavesRunning("a"));
        journal.acknowledge(last);
        assertFalse(journal.leavesRunning("a"), "the services know");
    }

    private ReportJournal journal() throws IOException {
        return new ReportJournal(
                new AgentFiles(directory.resolve("data"), directory.resolve("run")),
                JsonMapper.builder().findAndAddModules().build());
    }

    private static Report started(ReportJournal journal, String container) {
        return journal.append(
                sequence -> new Report.ContainerStarted(sequence, container, Instant.now(), 1, 0, null, null));
    }

    private static void exited(ReportJournal journal, String container) {
        journal.append(sequence -> new Report.ContainerExited(sequence, container, Instant.now(), 0, false, false, ""));
    }
}
