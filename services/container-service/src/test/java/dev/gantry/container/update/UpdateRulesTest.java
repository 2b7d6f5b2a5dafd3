package dev.gantry.container.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wordings were asked of dockerd 26.1.5. */
class UpdateRulesTest {
    private static HostConfig config(String json) throws JsonProcessingException {
        return StoredJson.read(json.replace('\'', '"'), HostConfig.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'CpuPeriod':1000} | {'NanoCpus':5} | Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
                "{'CpuQuota':1000} | {'NanoCpus':5} | Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
                "{'NanoCpus':5} | {'CpuPeriod':1000} | Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
                "{'NanoCpus':5} | {'CpuQuota':1000} | Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
                "{} | {'Memory':9} | Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
                "{'MemorySwap':-1} | {'Memory':9} | Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
                "{'AutoRemove':true} | {'RestartPolicy':{'Name':'always'}} | Restart policy cannot be updated because AutoRemove is enabled for the container",
            })
    void conflicts(String old, String wanted, String message) throws Exception {
        HostConfig before = config(old);
        HostConfig asked = config(wanted);

        EngineError error =
                assertThrows(EngineError.Conflict.class, () -> UpdateRules.merge("so: ", before, asked, true));

        assertEquals("so: " + message, error.getMessage());
    }

    @Test
    void what_is_not_said_stays() throws Exception {
        HostConfig old = config("{'Memory':5,'MemorySwap':9,'CpusetCpus':'1','PidsLimit':7,'CpuShares':3,"
                + "'RestartPolicy':{'Name':'always'},'Binds':['a:/b']}");

        HostConfig after = UpdateRules.merge("", old, config("{'Memory':6,'CpuQuota':-1,'Binds':['c:/d']}"), false);

        assertEquals(6, after.memory());
        assertEquals(9, after.memorySwap());
        assertEquals("1", after.cpusetCpus());
        assertEquals(7, after.pidsLimit());
        assertEquals(3, after.cpuShares());
        assertEquals(-1, after.cpuQuota());
        assertEquals("always", after.restartPolicy().name());
        assertEquals(old.binds(), after.binds());
    }

    @Test
    void no_bound_of_processes_is_0() throws Exception {
        HostConfig old = config("{'PidsLimit':7}");

        assertEquals(
                0, UpdateRules.merge("", old, config("{'PidsLimit':-1}"), false).pidsLimit());
        assertEquals(
                0, UpdateRules.merge("", old, config("{'PidsLimit':0}"), false).pidsLimit());
        assertEquals(7, UpdateRules.merge("", old, config("{}"), false).pidsLimit());
    }
}
