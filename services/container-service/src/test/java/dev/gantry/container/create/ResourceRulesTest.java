package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class ResourceRulesTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Memory':1000} | Minimum memory limit allowed is 6MB",
                "{'Memory':6291455} | Minimum memory limit allowed is 6MB",
                "{'Memory':-5} | Minimum memory limit allowed is 6MB",
                "{'Memory':-9223372036854775808} | Minimum memory limit allowed is 6MB",
                "{'MemorySwap':8000000} | You should always set the Memory limit when using Memoryswap limit, see usage",
                "{'Memory':80000000,'MemorySwap':7000000} | Minimum memoryswap limit should be larger than memory limit, see usage",
                "{'Memory':6291456,'MemorySwap':6291455} | Minimum memoryswap limit should be larger than memory limit, see usage",
                "{'MemorySwappiness':-2} | Invalid value: -2, valid memory swappiness range is 0-100",
                "{'MemorySwappiness':101} | Invalid value: 101, valid memory swappiness range is 0-100",
                "{'MemoryReservation':100} | Minimum memory reservation allowed is 6MB",
                "{'MemoryReservation':6291455} | Minimum memory reservation allowed is 6MB",
                "{'Memory':6291456,'MemoryReservation':6291457} | Minimum memory limit can not be less than memory reservation limit, see usage",
                "{'NanoCpus':1000,'CpuQuota':1000} | Conflicting options: Nano CPUs and CPU Quota cannot both be set",
                "{'NanoCpus':1000,'CpuPeriod':1000} | Conflicting options: Nano CPUs and CPU Period cannot both be set",
                "{'CpuPeriod':1} | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuPeriod':-1} | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuPeriod':999} | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuPeriod':1000001} | CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
                "{'CpuQuota':1} | CPU cfs quota can not be less than 1ms (i.e. 1000)",
                "{'CpuQuota':999} | CPU cfs quota can not be less than 1ms (i.e. 1000)",
                "{'OomScoreAdj':-1001} | Invalid value -1001, range for oom score adj is [-1000, 1000]",
                "{'OomScoreAdj':1001} | Invalid value 1001, range for oom score adj is [-1000, 1000]",
                "{'ShmSize':-1} | SHM size can not be less than 0",
                "{'IOMaximumIOps':1} | Invalid QoS settings: linux does not support configuration of maximum IOPs",
                "{'IOMaximumBandwidth':1} | Invalid QoS settings: linux does not support configuration of maximum bandwidth",
            })
    void refused_as_by_dockerd(String hostConfig, String message) {
        EngineError error =
                assertThrows(EngineError.BadParameter.class, () -> ResourceRules.check(Asked.hostConfig(hostConfig)));

        assertEquals(message, error.getMessage());
    }

    /** dockerd takes these, and fails at start. Of ulimits the client says what is wrong. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'MemoryReservation':-1} | Minimum memory reservation allowed is 6MB",
                "{'CpuShares':-1} | invalid CPU shares (-1): value must be positive",
                "{'BlkioWeight':-1} | Range of blkio weight is from 10 to 1000",
                "{'CpuRealtimePeriod':100,'CpuRealtimeRuntime':101} | cpu real-time runtime cannot be higher than cpu real-time period",
                "{'BlkioWeightDevice':[{'Path':'/dev/sda','Weight':1001}]} | invalid weight for device: /dev/sda",
                "{'BlkioDeviceReadBps':[{'Path':'/dev/sda','Rate':-1}]} | invalid rate for device: /dev/sda",
                "{'BlkioDeviceReadIOps':[{'Path':'/dev/sda','Rate':18446744073709551616}]} | invalid rate for device: /dev/sda",
                "{'BlkioDeviceWriteBps':[{'Rate':1}]} | stat : no such file or directory",
                "{'Ulimits':[{'Name':'nofile','Soft':10,'Hard':1}]} | ulimit soft limit must be less than or equal to hard limit: 10 > 1",
                "{'Ulimits':[{'Name':'nofile','Soft':-1,'Hard':10}]} | ulimit soft limit must be less than or equal to hard limit: -1 > 10",
                "{'Ulimits':[{'Name':'nofile','Soft':10}]} | ulimit soft limit must be less than or equal to hard limit: 10 > 0",
                "{'Ulimits':[{'Name':'zz','Soft':1,'Hard':1}]} | invalid ulimit type: zz",
                "{'Ulimits':[{'Name':'RLIMIT_NOFILE','Soft':1,'Hard':1}]} | invalid ulimit type: RLIMIT_NOFILE",
                "{'Ulimits':[{'Name':'core','Soft':1,'Hard':1},{'Name':'','Soft':1,'Hard':1}]} | `invalid ulimit type: `",
                "{'Ulimits':[{'Soft':1,'Hard':1}]} | `invalid ulimit type: `",
                "{'Ulimits':[{'Name':null}]} | `invalid ulimit type: `",
                "{'Ulimits':[{}]} | `invalid ulimit type: `",
            })
    void refused_before_the_start(String hostConfig, String message) {
        EngineError error =
                assertThrows(EngineError.BadParameter.class, () -> ResourceRules.check(Asked.hostConfig(hostConfig)));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'Memory':6291456,'MemorySwap':-1}",
                "{'Memory':6291456,'MemorySwap':6291456,'MemoryReservation':6291456}",
                "{'Memory':9223372036854775807,'MemorySwap':9223372036854775807}",
                "{'MemorySwap':-1}",
                "{'MemorySwappiness':-1}",
                "{'MemorySwappiness':0}",
                "{'MemorySwappiness':100}",
                "{'NanoCpus':1000,'CpuQuota':-1}",
                "{'NanoCpus':-1}",
                "{'CpuPeriod':1000,'CpuQuota':1000}",
                "{'CpuPeriod':1000000,'CpuQuota':-1000}",
                "{'CpuShares':9223372036854775807}",
                "{'OomScoreAdj':-1000}",
                "{'OomScoreAdj':1000,'PidsLimit':-5}",
                "{'PidsLimit':9223372036854775807}",
                "{'ShmSize':1,'BlkioWeight':10}",
                "{'BlkioWeight':1000}",
                "{'Ulimits':[{'Name':'nofile','Soft':10,'Hard':10},{'Name':'memlock','Soft':-1,'Hard':-1}]}",
                "{'Ulimits':[{'Name':'locks','Soft':10,'Hard':-1},{'Name':'rttime'}]}",
                "{'Ulimits':[],'BlkioDeviceReadBps':[]}",
                "{'BlkioDeviceWriteIOps':[{'Path':'/dev/sda','Rate':18446744073709551615}]}",
                "{'BlkioWeightDevice':[{'Path':'/dev/sda','Weight':100}]}",
                "{'CpuRealtimePeriod':1000,'CpuRealtimeRuntime':950}",
            })
    void accepted(String hostConfig) {
        assertDoesNotThrow(() -> ResourceRules.check(Asked.hostConfig(hostConfig)));
    }

    /** dockerd takes numbers that do not fit and wraps them, or says so; here all are told. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'Memory':9223372036854775808}",
                "{'Memory':'5'}",
                "{'Memory':5.5}",
                "{'Memory':true}",
                "{'OomScoreAdj':2147483648}",
                "{'Ulimits':[null]}",
                "{'Ulimits':{}}",
                "{'CpusetCpus':5}",
            })
    void no_number_is_guessed(String hostConfig) {
        assertThrows(EngineError.BadParameter.class, () -> Asked.hostConfig(hostConfig));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "2 | {'NanoCpus':-1} | Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
                "2 | {'NanoCpus':2000000001} | Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
                "2 | {'NanoCpus':9223372036854775807} | Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
                "2 | {'CpusetCpus':'1-0'} | Invalid value 1-0 for cpuset cpus: invalid format: 1-0",
                "2 | {'CpusetCpus':'abc'} | Invalid value abc for cpuset cpus: invalid format: abc",
                "2 | {'CpusetCpus':'-1'} | Invalid value -1 for cpuset cpus: invalid format: -1",
                "2 | {'CpusetCpus':'0,'} | Invalid value 0, for cpuset cpus: invalid format: 0,",
                "2 | {'CpusetCpus':','} | Invalid value , for cpuset cpus: invalid format: ,",
                "2 | {'CpusetCpus':' 0'} | Invalid value  0 for cpuset cpus: invalid format:  0",
                "2 | {'CpusetCpus':'0-'} | Invalid value 0- for cpuset cpus: invalid format: 0-",
                "2 | {'CpusetCpus':'0-1-2'} | Invalid value 0-1-2 for cpuset cpus: invalid format: 0-1-2",
                "2 | {'CpusetCpus':'٠'} | Invalid value ٠ for cpuset cpus: invalid format: ٠",
                "2 | {'CpusetCpus':'999999999999'} | Invalid value 999999999999 for cpuset cpus: value of out range, maximum is 8192",
                "2 | {'CpusetCpus':'0-100000'} | Invalid value 0-100000 for cpuset cpus: value of out range, maximum is 8192",
                "2 | {'CpusetCpus':'8192'} | Requested CPUs are not available - requested 8192, available: 0-1",
                "2 | {'CpusetCpus':'0-99'} | Requested CPUs are not available - requested 0-99, available: 0-1",
                "2 | {'CpusetCpus':'99,0'} | Requested CPUs are not available - requested 99,0, available: 0-1",
                "1 | {'CpusetCpus':'1'} | Requested CPUs are not available - requested 1, available: 0",
                "2 | {'CpusetMems':'abc'} | Invalid value abc for cpuset mems: invalid format: abc",
                "2 | {'CpusetMems':','} | Invalid value , for cpuset mems: invalid format: ,",
                "2 | {'CpusetMems':'0-1'} | Requested memory nodes are not available - requested 0-1, available: 0",
                "2 | {'BlkioWeight':9} | Range of blkio weight is from 10 to 1000",
                "2 | {'BlkioWeight':1001} | Range of blkio weight is from 10 to 1000",
                "2 | {'CpuRealtimePeriod':1000} | kernel does not support CPU real-time scheduler",
                "2 | {'Runtime':'zz'} | unknown or invalid runtime name: zz",
                "2 | {'Runtime':'RUNC'} | unknown or invalid runtime name: RUNC",
            })
    void host_refuses_as_dockerd_does(int cpus, String hostConfig, String message) {
        EngineError error = assertThrows(
                EngineError.BadParameter.class,
                () -> ResourceRules.checkOn(Asked.host(cpus, "2"), Asked.hostConfig(hostConfig)));

        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'StorageOpt':{'size':'1G'}} | --storage-opt is supported only for overlay over xfs with 'pquota' mount option",
                "{'StorageOpt':{'bogus':'1G'}} | Unknown option bogus",
            })
    void size_of_a_container_fails_as_on_a_file_system_without_quotas(String hostConfig, String message) {
        EngineError error = assertThrows(
                EngineError.Failed.class,
                () -> ResourceRules.checkOn(Asked.host(2, "2"), Asked.hostConfig(hostConfig)));

        assertEquals(message, error.getMessage());
    }

    @Test
    void what_the_kernel_does_not_know_is_told() {
        assertEquals(
                List.of(
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                        "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted."
                                + " Memory swappiness discarded.",
                        "linux does not support CPU percent. Percent discarded."),
                ResourceRules.warnings(
                        Asked.host(2, "2"),
                        Asked.hostConfig("{'OomKillDisable':true,'MemorySwappiness':5,'CpuPercent':5}")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'NanoCpus':1}",
                "{'NanoCpus':2000000000}",
                "{'CpusetCpus':'0'}",
                "{'CpusetCpus':'00'}",
                "{'CpusetCpus':'0-1'}",
                "{'CpusetCpus':'1,0,0-1'}",
                "{'CpusetMems':'0'}",
                "{'Runtime':'runc'}",
                "{'Runtime':''}",
            })
    void host_accepts(String hostConfig) {
        assertDoesNotThrow(() -> ResourceRules.checkOn(Asked.host(2, "2"), Asked.hostConfig(hostConfig)));
    }
}
