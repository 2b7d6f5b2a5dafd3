package dev.gantry.container.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.container.fake.ServiceTest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** Agents compare what they hold every ten seconds: only the first time of a connection is a new one. */
@QuarkusTest
class ConnectsIT extends ServiceTest {
    @Inject
    MeterRegistry meters;

    @Test
    void agents_are_counted_when_they_connect() {
        double before = connects();

        agent.compare(true);
        agent.compare(false);
        agent.compare(false);

        assertEquals(before + 1, connects());
    }

    private double connects() {
        return meters.find("gantry.agent.connects").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }
}
