package dev.gantry.container.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.agent.api.Report;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HealthRecordTest {
    private static final HealthRecord NEW = new HealthRecord(HealthRecord.NONE, 0, "[]");

    @Test
    void the_last_five_results_are_kept_whatever_is_in_them() {
        HealthRecord record = NEW.started();
        for (int i = 1; i <= 7; i++) {
            record = record.after(new Report.Health(
                    "unhealthy", i, Instant.ofEpochSecond(i), Instant.ofEpochSecond(i, 5), i, "\0" + i));
        }

        var log = StoredJson.read(record.log(), JsonNode.class);
        assertEquals(5, log.size());
        assertEquals(
                "{\"Start\":\"1970-01-01T00:00:03Z\",\"End\":\"1970-01-01T00:00:03.000000005Z\",\"ExitCode\":3,"
                        + "\"Output\":\"\\u00003\"}",
                log.get(0).toString());
        assertEquals(7, record.failingStreak());
    }

    @Test
    void results_outlive_an_end_and_a_start_and_the_status_does_not() {
        HealthRecord checked =
                NEW.started().after(new Report.Health("healthy", 0, Instant.EPOCH, Instant.EPOCH, 0, ""));

        assertEquals(new HealthRecord("unhealthy", 0, checked.log()), checked.unchecked());
        assertEquals(
                new HealthRecord("starting", 0, checked.log()),
                checked.unchecked().started());
        assertEquals(NEW, NEW.unchecked());
    }
}
