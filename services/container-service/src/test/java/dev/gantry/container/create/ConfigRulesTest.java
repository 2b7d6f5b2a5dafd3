package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class ConfigRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'WorkingDir':'rel'} | the working directory 'rel' is invalid, it needs to be an absolute path",
                "{'WorkingDir':'..'} | the working directory '..' is invalid, it needs to be an absolute path",
                "{'WorkingDir':' /a'} | the working directory ' /a' is invalid, it needs to be an absolute path",
                "{'WorkingDir':'C:/a'} | the working directory 'C:/a' is invalid, it needs to be an absolute path",
                "{'Env':['']} | `invalid environment variable: `",
                "{'Env':[null]} | `invalid environment variable: `",
                "{'Env':['=']} | invalid environment variable: =",
                "{'Env':['A=1','=x']} | invalid environment variable: =x",
                "{'StopSignal':'ZZ'} | invalid signal: ZZ",
                "{'StopSignal':'0'} | invalid signal: 0",
                "{'StopSignal':'SIG'} | invalid signal: SIG",
                "{'StopSignal':'SIGRTMIN+31'} | invalid signal: SIGRTMIN+31",
                "{'Healthcheck':{'Interval':5}} | Interval in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'Interval':-5}} | Interval in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'Interval':999999}} | Interval in Healthcheck cannot be less than 1ms",
                "{'healthcheck':{'interval':5}} | Interval in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'Timeout':5}} | Timeout in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'StartPeriod':5}} | StartPeriod in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'StartInterval':5}} | StartInterval in Healthcheck cannot be less than 1ms",
                "{'Healthcheck':{'Retries':-1,'StartPeriod':5}} | Retries in Healthcheck cannot be negative",
                "{'Healthcheck':{'Retries':-1}} | Retries in Healthcheck cannot be negative",
                "{'Healthcheck':{'Interval':'5s'}} | invalid JSON: json: cannot unmarshal string into field Interval of type integer",
                "{'Healthcheck':{'Interval':1.5}} | invalid JSON: json: cannot unmarshal number into field Interval of type integer",
                "{'Healthcheck':{'Interval':9223372036854775808}} | invalid JSON: json: cannot unmarshal number into field Interval",
                "{'Healthcheck':{'Test':'x'}} | invalid JSON: json: cannot unmarshal string into field Test of type array",
                "{'Healthcheck':[]} | invalid JSON: json: cannot unmarshal array of type object",
                "{'Healthcheck':'x'} | invalid JSON: json: cannot unmarshal string of type object",
            })
    void refused_as_by_dockerd(String config, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> ConfigRules.check(Asked.config(config)));

        assertEquals(message, error.getMessage());
    }

    /** dockerd takes these, and fails at start or ignores them. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'StopSignal':'-1'} | the linux daemon does not support signal -1",
                "{'StopSignal':'65'} | the linux daemon does not support signal 65",
                "{'ExposedPorts':{'':{}}} | invalid port specification: \"\"",
                "{'ExposedPorts':{'abc':{}}} | invalid port specification: \"abc\"",
                "{'ExposedPorts':{'0/tcp':{}}} | invalid port specification: \"0\"",
                "{'ExposedPorts':{'65536':{}}} | invalid port specification: \"65536\"",
                "{'ExposedPorts':{'90-80':{}}} | invalid port specification: \"90-80\"",
                "{'ExposedPorts':{'80/zzz':{}}} | invalid proto: zzz",
            })
    void refused_before_the_start(String config, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> ConfigRules.check(Asked.config(config)));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Image':'x'}",
                "{'WorkingDir':''}",
                "{'WorkingDir':'/a/../..'}",
                "{'Env':null}",
                "{'Env':[]}",
                "{'Env':['A','A=1','A==','a b=c',' =','ä=ü']}",
                "{'StopSignal':''}",
                "{'StopSignal':'sigterm'}",
                "{'StopSignal':'SIGRTMAX-1'}",
                "{'StopSignal':'64'}",
                "{'ExposedPorts':null}",
                "{'ExposedPorts':{'80':{},'80-90/udp':{},'65535/sctp':null}}",
                "{'Healthcheck':null}",
                "{'Healthcheck':{}}",
                "{'Healthcheck':{'Test':['NONE']}}",
                "{'Healthcheck':{'Test':['CMD-SHELL','x'],'Interval':1000000,'Timeout':0,'Retries':99999999999}}",
                "{'Hostname':'a_b'}",
                "{'Hostname':'.a'}",
                "{'Domainname':'zz zz'}",
            })
    void accepted(String config) {
        assertDoesNotThrow(() -> ConfigRules.check(Asked.config(config)));
    }

    @ParameterizedTest
    @CsvSource({"h, 64, true", "h, 65, false", "ä, 32, true", "ä, 33, false", "'\n', 1, false"})
    void host_name_is_what_the_kernel_takes(String letter, int times, boolean fits) {
        String name = letter.repeat(times);
        String config = "{'Hostname':'" + name.replace("\n", "\\n") + "'}";

        if (fits) {
            assertDoesNotThrow(() -> ConfigRules.check(Asked.config(config)));
        } else {
            EngineError error =
                    assertThrows(EngineError.BadParameter.class, () -> ConfigRules.check(Asked.config(config)));
            assertEquals("invalid hostname: " + name, error.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "/, /",
        "/a/../.., /",
        "/../../x/../y, /y",
        "/a//b/, /a/b",
        "/./a/., /a",
        "/a/..., /a/...",
        "/ä, /ä",
        "'/a b', '/a b'"
    })
    void working_directory_is_stored_clean(String asked, String clean) {
        assertEquals(clean, ConfigRules.cleanWorkingDir(asked));
    }

    @Test
    void working_directory_is_possible() {
        for (String path : List.of("/a\0b", "/" + "x".repeat(4095))) {
            assertThrows(EngineError.BadParameter.class, () -> ConfigRules.cleanWorkingDir(path));
        }
        assertDoesNotThrow(() -> ConfigRules.cleanWorkingDir("/" + "x".repeat(4094)));
    }

    /** Those of an exec, which are checked alone. */
    @Test
    void variables_hold_no_nul() {
        assertThrows(EngineError.BadParameter.class, () -> ConfigRules.checkEnv(Arrays.asList("A=1", "B=\0")));
        assertDoesNotThrow(() -> ConfigRules.checkEnv(null));
    }
}
