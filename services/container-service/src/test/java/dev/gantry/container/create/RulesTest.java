package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.engine.EngineError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 20.10; where 28 says it otherwise, 28 is followed. */
class RulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static void check(String hostConfig) throws JsonProcessingException {
        CreateRequest request =
                CreateRequest.parse(JSON.readTree("{\"Image\":\"busybox\",\"HostConfig\":" + hostConfig + "}"));
        HostConfigRules.check(request.hostConfig(), request.config());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Memory':1000} | Minimum memory limit allowed is 6MB",
                "{'Memory':-5} | Minimum memory limit allowed is 6MB",
                "{'MemorySwap':8000000} | You should always set the Memory limit when using Memoryswap limit, see usage",
                "{'Memory':80000000,'MemorySwap':7000000} | Minimum memoryswap limit should be larger than memory limit, see usage",
                "{'MemorySwappiness':200} | Invalid value: 200, valid memory swappiness range is 0-100",
                "{'MemoryReservation':100} | Minimum memory reservation allowed is 6MB",
                "{'Memory':8000000,'MemoryReservation':80000000} | Minimum memory limit can not be less than memory reservation limit, see usage",
                "{'NanoCpus':1000,'CpuQuota':1000} | Conflicting options: Nano CPUs and CPU Quota cannot both be set",
                "{'NanoCpus':1000,'CpuPeriod':1000} | Conflicting options: Nano CPUs and CPU Period cannot both be set",
                "{'CpuPeriod':1} | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuQuota':1} | CPU cfs quota can not be less than 1ms (i.e. 1000)",
                "{'OomScoreAdj':5000} | Invalid value 5000, range for oom score adj is [-1000, 1000]",
                "{'ShmSize':-5} | SHM size can not be less than 0",
                "{'BlkioWeight':5} | Range of blkio weight is from 10 to 1000",
                "{'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':-3}} | invalid restart policy: maximum retry count cannot be negative",
                "{'RestartPolicy':{'Name':'always','MaximumRetryCount':3}} | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'AutoRemove':true,'RestartPolicy':{'Name':'always'}} | can't create 'AutoRemove' container with restart policy",
                "{'PortBindings':{'70000/tcp':[{'HostPort':'1'}]}} | invalid port specification: \"70000\"",
                "{'PortBindings':{'0/tcp':[{'HostPort':'1'}]}} | invalid port specification: \"0\"",
                "{'PortBindings':{'80/tcp':[{'HostPort':'65536'}]}} | invalid port specification: \"65536\"",
                "{'PortBindings':{'80/tcp':[{'HostPort':'90-80'}]}} | invalid port specification: \"90-80\"",
                "{'PortBindings':{'80/tcp':[{'HostPort':'abc'}]}} | invalid port specification: \"abc\"",
                "{'PortBindings':{'80/xyz':[{'HostPort':'1'}]}} | invalid proto: xyz",
                "{'CapAdd':['ZZ']} | invalid CapAdd: unknown capability: \"CAP_ZZ\"",
                "{'CapDrop':['cap_zz']} | invalid CapDrop: unknown capability: \"CAP_ZZ\"",
                "{'SecurityOpt':['zz']} | invalid --security-opt 1: \"zz\"",
                "{'SecurityOpt':['zz=a']} | invalid --security-opt 2: \"zz=a\"",
                "{'ExtraHosts':['zz']} | bad format for add-host: \"zz\"",
                "{'ExtraHosts':['zz:a']} | invalid IP address in add-host: \"a\"",
                "{'CgroupnsMode':'zz'} | invalid cgroup namespace mode: zz",
                "{'NetworkMode':'container:'} | Invalid network mode: invalid container format container:<name|id>",
                "{'NetworkMode':'container:x','PortBindings':{'80/tcp':[{'HostPort':'12'}]}} | conflicting options: port publishing and the container type network mode",
                "{'LogConfig':{'Type':'json-file','Config':{'zzz':'1'}}} | unknown log opt 'zzz' for json-file log driver",
                "{'LogConfig':{'Type':'zzz'}} | logger: no log driver named 'zzz' is registered",
                "{'Ulimits':[{'Name':'nofile','Soft':10,'Hard':1}]} | ulimit soft limit must be less than or equal to hard limit: 10 > 1",
            })
    void refused_as_dockerd_does(String hostConfig, String message) {
        EngineError.BadParameter error =
                assertThrows(EngineError.BadParameter.class, () -> check(hostConfig.replace('\'', '"')));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'CgroupParent':'%s'}",
                "{'Devices':[{'PathOnHost':'%s'}]}",
                "{'Devices':[{'PathOnHost':'/dev/null','PathInContainer':'%s'}]}",
                "{'MaskedPaths':['%s']}",
                "{'ReadonlyPaths':['%s']}",
            })
    void no_path_is_longer_than_the_kernel_takes(String hostConfig) {
        String path = "/" + "x".repeat(5000);

        assertThrows(
                EngineError.BadParameter.class,
                () -> check(hostConfig.formatted(path).replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'Memory':6291456,'MemorySwap':-1}",
                "{'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':3}}",
                "{'RestartPolicy':{'Name':'','MaximumRetryCount':0},'AutoRemove':true}",
                "{'PortBindings':{'80':[{'HostPort':''}],'81/udp':[{'HostIp':'127.0.0.1','HostPort':'8000-8010'}]}}",
                "{'CapAdd':['ALL','cap_net_admin','SYS_PTRACE']}",
                "{'SecurityOpt':['no-new-privileges','seccomp=unconfined','label=disable']}",
                "{'ExtraHosts':['gw:host-gateway','six:::1','four:1.2.3.4']}",
                "{'LogConfig':{'Type':'json-file','Config':{'max-size':'10m','max-file':'3'}}}",
                "{'PidMode':'host','IpcMode':'container:abc','UTSMode':'host'}",
                "{'PidsLimit':-5,'OomScoreAdj':-1000}",
            })
    void accepted(String hostConfig) {
        assertDoesNotThrow(() -> check(hostConfig.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Links':['a:b']}",
                "{'DeviceRequests':[{'Count':-1}]}",
                "{'StorageOpt':{'size':'1G'}}",
                "{'BlkioDeviceReadBps':[{'Path':'/dev/sda','Rate':1}]}",
                "{'CpuRealtimeRuntime':5}",
                "{'SecurityOpt':['apparmor=mine']}",
            })
    void not_pretended(String hostConfig) {
        assertThrows(EngineError.NotSupported.class, () -> check(hostConfig.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"WorkingDir\":\"rel\"}', 'the working directory ''rel'' is invalid, it needs to be an absolute path'",
        "'{\"Env\":[\"=x\"]}', invalid environment variable: =x",
        "'{\"StopSignal\":\"ZZ\"}', invalid signal: ZZ",
        "'{\"ExposedPorts\":{\"abc\":{}}}', 'invalid port specification: \"abc\"'",
        "'{\"Healthcheck\":{\"Interval\":5}}', Interval in Healthcheck cannot be less than 1ms",
    })
    void configuration_is_refused_as_dockerd_does(String config, String message) {
        EngineError.BadParameter error = assertThrows(
                EngineError.BadParameter.class,
                () -> ConfigRules.check(
                        CreateRequest.parse(JSON.readTree(config)).config()));

        assertEquals(message, error.getMessage());
    }
}
