package dev.gantry.agent.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.testing.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent's death is an error that nothing catches; the next agent reads what the dead one kept. */
class SuspectStartsTest {
    private static final ObjectMapper JSON =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();

    @TempDir
    Path directory;

    private ContainerFiles files;

    private static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    @BeforeEach
    void keepSpecification() throws IOException {
        files = newFiles(Specs.newId());
    }

    private ContainerFiles newFiles(String id) throws IOException {
        ContainerSpec spec = Specs.running("true").build(id);
        ContainerFiles own = new ContainerFiles(id, Files.createDirectory(directory.resolve(id)), directory);
        Files.write(own.spec(), JSON.writeValueAsBytes(spec));
        return own;
    }

    private AgentContainer reloaded() throws IOException {
        return AgentContainer.load(files, JSON);
    }

    private void die() throws IOException {
        AgentContainer container = reloaded();
        assertThrows(Death.class, () -> starts().run(container, () -> {
            throw new Death();
        }));
    }

    private static SuspectStarts starts() {
        return new SuspectStarts(Duration.ZERO);
    }

    @Test
    void a_start_that_ends_the_agent_is_given_up_after_three() throws IOException {
        for (int i = 0; i < SuspectStarts.MOST; i++) {
            die();
        }
        AgentContainer container = reloaded();

        AgentFailure failure = assertThrows(AgentFailure.class, () -> starts().run(container, () -> "started"));

        assertEquals("the host's agent died 3 times while it started this container", failure.getMessage());
    }

    @Test
    void who_asks_again_gets_one_more_attempt() throws IOException {
        for (int i = 0; i < SuspectStarts.MOST; i++) {
            die();
        }
        assertThrows(AgentFailure.class, () -> starts().run(reloaded(), () -> "started"));
        die();
        assertThrows(AgentFailure.class, () -> starts().run(reloaded(), () -> "started"));

        assertEquals("started", starts().run(reloaded(), () -> "started"));
        assertEquals(0, reloaded().startsBegun());
    }

    @Test
    void a_start_that_succeeds_or_fails_before_the_agent_counts_for_nothing() throws IOException {
        die();
        die();
        starts().run(reloaded(), () -> "started");
        die();

        assertEquals(1, reloaded().startsBegun());
    }

    @Test
    void a_running_container_is_above_suspicion() throws IOException {
        AgentContainer container = reloaded();
        container.beginStart();
        container.become(new ContainerState.Running(
                new ContainerState.Processes(1, 1, 1, 1, "boot"), Instant.EPOCH, 0, false, ""));

        assertEquals(0, reloaded().startsBegun());
    }

    @Test
    void a_state_of_an_earlier_version_has_no_deaths() throws IOException {
        Files.writeString(files.state(), "{\"state\":{\"is\":\"created\"},\"stoppedByCommand\":false}");

        assertEquals(0, reloaded().startsBegun());
    }

    @Test
    void suspects_are_started_one_by_one() throws Exception {
        die();
        AgentContainer first = reloaded();
        files = newFiles(Specs.newId());
        die();
        AgentContainer second = reloaded();
        SuspectStarts starts = starts();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        Thread one = Thread.ofVirtual()
                .start(() -> starts.run(first, () -> {
                    inside.countDown();
                    await(goOn);
                    return order.add("first");
                }));
        inside.await();
        Thread other = Thread.ofVirtual().start(() -> starts.run(second, () -> order.add("second")));

        while (other.getState() != Thread.State.WAITING) {
            assertTrue(other.isAlive());
            Thread.onSpinWait();
        }
        assertEquals(1, reloaded().startsBegun());
        goOn.countDown();
        one.join();
        other.join();
        assertEquals(List.of("first", "second"), order);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
