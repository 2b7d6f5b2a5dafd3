package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.agent.api.ContainerSpec.LogSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.HostConfig.LogConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wordings were asked of dockerd 26.1.5, which says some of them only when it starts the container. */
class LogOptionsTest {
    private static LogSpec parse(String logConfig) {
        LogConfig config = Asked.hostConfig("{'LogConfig':" + logConfig + "}").logConfig();
        LogOptions.check(config);
        return LogOptions.spec(
                config,
                new LoggedContainer(
                        "0123456789abcdef",
                        "jolly",
                        "sha256:fedcba9876543210",
                        Asked.config("{'Image':'bb','Cmd':['a','b c'],'Labels':{'l1':'a','l2':'b c','m':'ü=1,&'},"
                                + "'Env':['E1=v 1','E2=v,2','F=x=y','NOVAL']}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Type':'zzz'} | error looking up logging plugin zzz: plugin \"zzz\" not found",
                "{'Type':'JSON-FILE'} | error looking up logging plugin JSON-FILE: plugin \"JSON-FILE\" not found",
                "{'Type':'splunk'} | the log driver splunk is not supported",
                "{'Type':'local','Config':{'zzz':'1'}} | unknown log opt 'zzz' for log driver local",
                "{'Type':'local','Config':{'labels':'1'}} | unknown log opt 'labels' for log driver local",
                "{'Config':{'tag':'{{json .}}'}} | in the log option tag . is not supported: {{json .}}",
                "{'Config':{'zzz':'1'}} | unknown log opt 'zzz' for json-file log driver",
                "{'Config':{'':'1'}} | unknown log opt '' for json-file log driver",
                "{'Config':{'MAX-SIZE':'1m'}} | unknown log opt 'MAX-SIZE' for json-file log driver",
                "{'Config':{'mode':'zz','zzz':'1'}} | logger: logging mode not supported: zz",
                "{'Config':{'max-buffer-size':'4m'}} | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
                "{'Config':{'mode':'blocking','max-buffer-size':'4m'}} | logger: max-buffer-size option is only supported with 'mode=non-blocking'",
                "{'Config':{'mode':'non-blocking','max-buffer-size':'zz'}} | error parsing option max-buffer-size: invalid size: 'zz'",
            })
    void refused(String logConfig, String message) {
        EngineError error = assertThrows(EngineError.class, () -> parse(logConfig));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '~',
            value = {
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
                "{'Type':'local','Config':{'max-size':'x'}} | invalid value for max-size: x: invalid size: 'x'",
                "{'Type':'local','Config':{'max-file':'x'}} | invalid value for max-file: x: strconv.Atoi: parsing \"x\": invalid syntax",
                "{'Type':'local','Config':{'max-file':'0'}} | compression cannot be enabled when max file count is 1",
                "{'Type':'local','Config':{'max-file':'1'}} | compression cannot be enabled when max file count is 1",
                "{'Type':'local','Config':{'compress':'x'}} | error reading compress log option: strconv.ParseBool: parsing \"x\": invalid syntax",
                "{'Config':{'labels-regex':'('}} | error parsing regexp: missing closing ): `(`",
                "{'Config':{'env-regex':'('}} | error parsing regexp: missing closing ): `(`",
                "{'Config':{'tag':'{{'}} | template: log-tag:1: unclosed action",
                "{'Config':{'tag':'{{.Foo}}'}} | template: log-tag:1:2: executing \"log-tag\" at <.Foo>: can't evaluate field Foo in type *logger.Info",
            })
    void fails_each_start(String logConfig, String message) {
        assertEquals(message, parse(logConfig).error());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "'labels':'l1' | l1=a",
                "'labels':'l2,l1,nosuch' | l1=a,l2=b+c",
                "'labels':' l1' | ",
                "'env':'E1,E2' | E1=v+1,E2=v%2C2",
                "'env':'F,NOVAL,X' | F=x%3Dy",
                "'env-regex':'^E' | E1=v+1,E2=v%2C2",
                "'labels-regex':'^l' | l1=a,l2=b+c",
                "'labels':'m','env':'E1','labels-regex':'l2','env-regex':'F' | E1=v+1,F=x%3Dy,l2=b+c,m=%C3%BC%3D1%2C%26",
                "'tag':'x{{.Name}}' | tag=xjolly",
                "'tag':'{{ .ID }}/{{.ImageName}}' | tag=0123456789ab%2Fbb",
                "'tag':'{{.ImageID}} {{.ImageFullID}} {{.Command}} {{.DaemonName}}' | tag=fedcba987654+sha256%3Afedcba9876543210+a+b+c+docker",
                "'tag':'' | ",
            })
    void details(String options, String details) {
        assertEquals(details, parse("{'Config':{" + options + "}}").details());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Type':'local'} | local | 20000000 | 5",
                "{'Type':'local','Config':{'max-size':'1m','max-file':'3','compress':'false'}} | local | 1000000 | 3",
                "{'Type':'local','Config':{'max-file':'1','compress':'false'}} | local | 20000000 | 1",
                "{'Type':'local','Config':{'max-size':'0'}} | local | -1 | 1",
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
        LogSpec spec = parse(logConfig);

        assertEquals(new LogSpec(driver, maxSize, maxFile), new LogSpec(spec.driver(), spec.maxSize(), spec.maxFile()));
        assertNull(spec.error());
    }
}
