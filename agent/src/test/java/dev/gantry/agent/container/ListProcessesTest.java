package dev.gantry.agent.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Processes;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListProcessesTest {
    @Test
    void only_the_containers_processes_are_told_of() {
        assertEquals(
                new Processes(List.of("PID", "CMD"), List.of(List.of("12", "sh -c a b"))),
                ListProcesses.parse("  PID CMD\n   12 sh  -c   a b\n  120 sleep 1\n", Set.of(12)));
    }

    @Test
    void threads_belong_to_the_process_before_them() {
        String output = "PID LWP COMMAND\n1 - init\n- 1 -\n12 - sleep\n- 12 -\n- 13 -\n14 - x\n- 14 -\n";

        assertEquals(
                List.of(List.of("12", "-", "sleep"), List.of("-", "12", "-"), List.of("-", "13", "-")),
                ListProcesses.parse(output, Set.of(12)).processes());
    }

    @Test
    void without_a_column_of_pids_nobody_knows_whose_they_are() {
        for (String output : new String[] {"COMMAND\nsleep\n", "", "\n\n"}) {
            AgentFailure failure = assertThrows(AgentFailure.class, () -> ListProcesses.parse(output, Set.of(1)));
            assertEquals("Couldn't find PID field in ps output", failure.getMessage());
        }
    }
}
