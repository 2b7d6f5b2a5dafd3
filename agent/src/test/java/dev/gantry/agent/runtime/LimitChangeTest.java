package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.ContainerSpec;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitChangeTest {
    @TempDir
    Path root;

    private LimitChange change(String before, String after) throws IOException {
        ObjectMapper json = new ObjectMapper().findAndRegisterModules();
        return LimitChange.of(
                json.readValue(before.replace('\'', '"'), ContainerSpec.Resources.class),
                json.readValue(after.replace('\'', '"'), ContainerSpec.Resources.class),
                new Cgroups(root));
    }

    @Test
    void only_what_differs_is_told() throws IOException {
        LimitChange change = change(
                "{'memory':5000,'cpuShares':3,'cpusetCpus':'0','pidsLimit':9}",
                "{'memory':5000,'cpuShares':4,'cpusetCpus':'0','pidsLimit':9}");

        assertEquals(4, change.limits().cpu().shares());
        assertNull(change.limits().cpu().cpus());
        assertNull(change.limits().memory());
        assertNull(change.limits().pids());
        assertTrue(change("{'memory':5000}", "{'memory':5000,'oomScoreAdj':7}").isEmpty());
    }

    @Test
    void limits_that_end_are_told_to_runc_as_minus_one() throws IOException {
        LimitChange change = change("{'cpuQuota':5000,'pidsLimit':9}", "{'cpuQuota':-1,'pidsLimit':0}");

        assertTrue(change.quotaEnds());
        assertTrue(change.pidsEnd());
        assertFalse(change.hasLimits());
        assertEquals(-1, change.whole().cpu().quota());
        assertEquals(-1, change.whole().pids().limit());
        assertFalse(change("{}", "{'cpuQuota':-1,'pidsLimit':0}").quotaEnds());
    }

    @Test
    void time_of_processors_is_told_with_its_period() throws IOException {
        LimitChange change = change("{'cpuQuota':5000,'cpuPeriod':20000}", "{'cpuQuota':6000,'cpuPeriod':20000}");

        assertEquals(6000, change.limits().cpu().quota());
        assertEquals(20000, change.limits().cpu().period());
    }
}
