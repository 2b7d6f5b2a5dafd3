package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wordings were asked of dockerd 26.1.5, which says some of them only when it starts the container. */
class LogOptionsTest {
    private static LogSpec parse(String logConfig) {
        return LogOptions.parse(
                Asked.hostConfig("{'LogConfig':" + logConfig + "}").logConfig());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Type':'zzz'} | error looking up logging plugin zzz: plugin \"zzz\" not found",
                "{'Type':'JSON-FILE'} | error looking up logging plugin JSON-FILE: plugin \"JSON-FILE\" not found",
                "{'Type':'syslog'} | error looking up logging plugin syslog: plugin \"syslog\" not found",
                "{'Config':{'zzz':'1'}} | unknown log opt 'zzz' for json-file log driver",
                "{'Config':{'':'1'}} | unknown log opt '' for json-file log driver",
                "{'Config':{'MAX-SIZE':'1m'}} | unknown log opt 'MAX-SIZE' for json-file log driver",
                "{'Config':{'mode':'zz','zzz':'1'}} | logger: logging mode not supported: zz",
                "{'Config':{'max-buffer-size':'4m'}} | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
                "{'Config':{'mode':'blocking','max-buffer-size':'4m'}} | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
                "{'Config':{'mode':'non-blocking','max-buffer-size':'zz'}} | error parsing option max-buffer-size: invalid size: 'zz'",
                "{'Config':{'max-size':'0'}} | max-size must be a positive number",
                "{'Config':{'max-size':'0.1'}} | max-size must be a positive number",
                "{'Config':{'max-size':'-1'}} | invalid size: '-1'",
                "{'Config':{'max-size':''}} | invalid size: ''",
                "{'Config':{'max-size':null}} | invalid size: ''",
                "{'Config':{'max-size':'abc'}} | invalid size: 'abc'",
                "{'Config':{'max-size':'99999999999999999999p'}} | invalid size: '99999999999999999999p'",
                "{'Config':{'max-size':'1m','max-file':'0'}} | max-file cannot be less than 1",
                "{'Config':{'max-size':'1m','max-file':'-1'}} | max-file cannot be less than 1",
                "{'Config':{'max-size':'1m','max-file':''}} | strconv.Atoi: parsing \"\": invalid syntax",
                "{'Config':{'max-size':'1m','max-file':'abc'}} | strconv.Atoi: parsing \"abc\": invalid syntax",
                "{'Config':{'max-size':'1m','max-file':'1.5'}} | strconv.Atoi: parsing \"1.5\": invalid syntax",
                "{'Config':{'max-file':'99999999999999999999'}} | strconv.Atoi: parsing \"99999999999999999999\": value out of range",
                "{'Config':{'compress':'zz'}} | strconv.ParseBool: parsing \"zz\": invalid syntax",
                "{'Config':{'compress':'true'}} | compress cannot be true when max-file is less than 2 or max-size is not set",
                "{'Config':{'compress':'true','max-file':'2'}} | compress cannot be true when max-file is less than 2 or max-size is not set",
                "{'Config':{'compress':'true','max-size':'1m'}} | compress cannot be true when max-file is less than 2 or max-size is not set",
            })
    void refused(String logConfig, String message) {
        EngineError error = assertThrows(EngineError.BadParameter.class, () -> parse(logConfig));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "null | json-file | -1 | 1",
                "{} | json-file | -1 | 1",
                "{'Type':''} | json-file | -1 | 1",
                "{'Type':'none'} | none | -1 | 1",
                "{'Type':'none','Config':{'zz':'1'}} | none | -1 | 1",
                "{'Type':'json-file','Config':{}} | json-file | -1 | 1",
                "{'Config':{'max-size':'1'}} | json-file | 1 | 1",
                "{'Config':{'max-size':'10m'}} | json-file | 10000000 | 1",
                "{'Config':{'max-size':'10m','max-file':'3'}} | json-file | 10000000 | 3",
                "{'Config':{'max-size':'10m','max-file':'+3'}} | json-file | 10000000 | 3",
                "{'Config':{'max-size':'10k','max-file':'10000'}} | json-file | 10000 | 10000",
                "{'Config':{'max-size':'9000p','max-file':'10'}} | json-file | 922337203685477580 | 10",
                "{'Config':{'max-file':'1'}} | json-file | -1 | 1",
                "{'Config':{'max-file':'3'}} | json-file | -1 | 1",
                "{'Config':{'compress':'true','max-size':'1k','max-file':'2'}} | json-file | 1000 | 2",
                "{'Config':{'compress':'false'}} | json-file | -1 | 1",
                "{'Config':{'mode':''}} | json-file | -1 | 1",
                "{'Config':{'mode':'blocking'}} | json-file | -1 | 1",
                "{'Config':{'mode':'non-blocking','max-buffer-size':'4m'}} | json-file | -1 | 1",
                "{'Config':{'labels':'a,b','labels-regex':'^a','env':'C','env-regex':'^D','tag':'x'}} | json-file | -1 | 1",
                "{'Config':{'cache-disabled':'true','cache-max-size':'1m','cache-max-file':'2','cache-compress':'true'}} | json-file | -1 | 1",
            })
    void read(String logConfig, String driver, long maxSize, int maxFile) {
        assertEquals(new LogSpec(driver, maxSize, maxFile), parse(logConfig));
    }
}
