package dev.gantry.container.create;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.engine.EngineError;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wordings were asked of dockerd 26.1.5. */
class HostConfigRulesTest {
    private static void check(String hostConfig) {
        checkRequest("{'Image':'busybox','HostConfig':" + hostConfig + "}");
    }

    private static void checkRequest(String json) {
        CreateRequest request = Asked.request(json);
        HostConfigRules.check(request.hostConfig(), request.config());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'RestartPolicy':{'Name':'zz'}} | invalid restart policy: unknown policy 'zz'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{'RestartPolicy':{'Name':'zz','MaximumRetryCount':-1}} | invalid restart policy: unknown policy 'zz'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{'RestartPolicy':{'Name':'ALWAYS'}} | invalid restart policy: unknown policy 'ALWAYS'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{'RestartPolicy':{'Name':'on-failure:3'}} | invalid restart policy: unknown policy 'on-failure:3'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
                "{'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':-3}} | invalid restart policy: maximum retry count cannot be negative",
                "{'RestartPolicy':{'Name':'always','MaximumRetryCount':3}} | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'RestartPolicy':{'Name':'unless-stopped','MaximumRetryCount':1}} | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'RestartPolicy':{'Name':'no','MaximumRetryCount':3}} | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'RestartPolicy':{'Name':'','MaximumRetryCount':3}} | invalid restart policy: maximum retry count can only be used with 'on-failure'",
                "{'RestartPolicy':{'MaximumRetryCount':-1}} | invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative",
                "{'RestartPolicy':{'Name':'always','MaximumRetryCount':-3}} | invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative",
                "{'AutoRemove':true,'RestartPolicy':{'Name':'always'}} | can't create 'AutoRemove' container with restart policy",
                "{'AutoRemove':true,'RestartPolicy':{'Name':'on-failure'}} | can't create 'AutoRemove' container with restart policy",
                "{'AutoRemove':true,'RestartPolicy':{'Name':'zz'}} | can't create 'AutoRemove' container with restart policy",
            })
    void restart_policies_refused_as_by_dockerd(String hostConfig, String message) {
        assertRefused(message, () -> check(hostConfig));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'CapAdd':['ZZ']} | invalid CapAdd: unknown capability: \"CAP_ZZ\"",
                "{'CapDrop':['cap_zz']} | invalid CapDrop: unknown capability: \"CAP_ZZ\"",
                "{'CapAdd':['']} | invalid CapAdd: unknown capability: \"CAP_\"",
                "{'CapAdd':[null]} | invalid CapAdd: unknown capability: \"CAP_\"",
                "{'CapAdd':['CAP_']} | invalid CapAdd: unknown capability: \"CAP_\"",
                "{'CapAdd':['CAP_ALL']} | invalid CapAdd: unknown capability: \"CAP_ALL\"",
                "{'CapAdd':['CAP_CAP_KILL']} | invalid CapAdd: unknown capability: \"CAP_CAP_KILL\"",
                "{'CapAdd':[' kill']} | invalid CapAdd: unknown capability: \"CAP_ KILL\"",
                "{'CapAdd':['kill,chown']} | invalid CapAdd: unknown capability: \"CAP_KILL,CHOWN\"",
                "{'CapAdd':['ALL','zz']} | invalid CapAdd: unknown capability: \"CAP_ZZ\"",
                "{'CapAdd':['zz'],'Privileged':true} | invalid CapAdd: unknown capability: \"CAP_ZZ\"",
            })
    void capabilities_refused_as_by_dockerd(String hostConfig, String message) {
        assertRefused(message, () -> check(hostConfig));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'UTSMode':'zz'} | invalid UTS mode: zz",
                "{'UTSMode':'HOST'} | invalid UTS mode: HOST",
                "{'UTSMode':'private'} | invalid UTS mode: private",
                "{'UTSMode':'container:zz'} | invalid UTS mode: container:zz",
                "{'PidMode':'zz'} | invalid PID mode: zz",
                "{'PidMode':'private'} | invalid PID mode: private",
                "{'PidMode':'container'} | invalid PID mode: container",
                "{'PidMode':'container:'} | invalid PID mode: container:",
                "{'IpcMode':'zz'} | invalid IPC mode: zz",
                "{'IpcMode':'container'} | invalid IPC mode: container",
                "{'CgroupnsMode':'zz'} | invalid cgroup namespace mode: zz",
                "{'CgroupnsMode':'HOST'} | invalid cgroup namespace mode: HOST",
                "{'CgroupnsMode':'container:x'} | invalid cgroup namespace mode: container:x",
                "{'Isolation':'hyperv'} | Invalid isolation: \"hyperv\" - linux only supports 'default'",
                "{'NetworkMode':'container'} | Invalid network mode: invalid container format container:<name|id>",
                "{'Dns':['x']} | bad nameserver address x: ParseAddr(\"x\"): unable to parse IP",
                "{'Dns':['fe80::1%']} | bad nameserver address fe80::1%: ParseAddr(\"fe80::1%\"): unable to parse IP",
                "{'Dns':['1.2.3.4%eth0']} | bad nameserver address 1.2.3.4%eth0: ParseAddr(\"1.2.3.4%eth0\"): unable to parse"
                        + " IP",
                "{'Dns':['%:eth0']} | bad nameserver address %:eth0: ParseAddr(\"%:eth0\"): unable to parse IP",
                "{'NetworkMode':'host','Links':['a:b']} | conflicting options: host type networking can't be used with links. This"
                        + " would result in undefined behavior",
                "{'NetworkMode':'container:x','Links':['a:b']} | conflicting options: container type network can't be used with"
                        + " links. This would result in undefined behavior",
                "{'NetworkMode':'container:'} | Invalid network mode: invalid container format container:<name|id>",
                "{'Annotations':{'':'x'}} | invalid Annotations: the empty string is not permitted as an annotation key",
            })
    void modes_refused_as_by_dockerd(String hostConfig, String message) {
        assertRefused(message, () -> check(hostConfig));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.2.3.4", "fe80::1", "fe80::1%eth0", "fe80::1%25eth0", "::ffff:1.2.3.4%eth0", "fe80::1%a%b"})
    void name_server_has_an_address_maybe_with_a_zone(String server) {
        check("{'Dns':['" + server + "']}");
    }

    /** dockerd takes these, and fails at start or leaves them without effect. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'IpcMode':'container:'} | invalid IPC mode: container:",
                "{'UsernsMode':'zz'} | invalid user namespace mode: zz",
                "{'ConsoleSize':[-1,2]} | invalid console size",
                "{'ConsoleSize':[1,-2]} | invalid console size",
            })
    void refused_before_the_start(String hostConfig, String message) {
        assertRefused(message, () -> check(hostConfig));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'HostConfig':{'NetworkMode':'container:x','PortBindings':{'80/tcp':[{'HostPort':'12'}]}}} | conflicting options: port publishing and the container type network mode",
                "{'HostConfig':{'NetworkMode':'container:x','PublishAllPorts':true}} | conflicting options: port publishing and the container type network mode",
                "{'HostConfig':{'NetworkMode':'container:x','ExtraHosts':['a:1.1.1.1']}} | conflicting options: custom host-to-IP mapping and the network mode",
                "{'HostConfig':{'NetworkMode':'container:x','Dns':['1.1.1.1']}} | conflicting options: dns and the network mode",
                "{'HostConfig':{'NetworkMode':'container:x','PublishAllPorts':true,'Dns':['1.1.1.1'],'ExtraHosts':['a:1.1.1.1']}} | conflicting options: dns and the network mode",
                "{'ExposedPorts':{'80':{}},'HostConfig':{'NetworkMode':'container:x'}} | conflicting options: port exposing and the container type network mode",
                "{'Hostname':'h','HostConfig':{'NetworkMode':'container:x','UTSMode':'host'}} | conflicting options: hostname and the network mode",
                "{'Hostname':'h','HostConfig':{'NetworkMode':'container:x','Dns':['1.1.1.1']}} | conflicting options: hostname and the network mode",
                "{'Hostname':'h','HostConfig':{'UTSMode':'host'}} | conflicting options: hostname and the UTS mode",
            })
    void conflicts_refused_as_by_dockerd(String request, String message) {
        assertRefused(message, () -> checkRequest(request.replaceFirst("\\{", "{'Image':'busybox',")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'ExtraHosts':['']} | bad format for add-host: \"\"",
                "{'ExtraHosts':[null]} | bad format for add-host: \"\"",
                "{'ExtraHosts':[':']} | bad format for add-host: \":\"",
                "{'ExtraHosts':[':1.2.3.4']} | bad format for add-host: \":1.2.3.4\"",
                "{'ExtraHosts':['zz']} | bad format for add-host: \"zz\"",
                "{'ExtraHosts':['a=1.2.3.4']} | bad format for add-host: \"a=1.2.3.4\"",
                "{'ExtraHosts':['a:']} | invalid IP address in add-host: \"\"",
                "{'ExtraHosts':['zz:a']} | invalid IP address in add-host: \"a\"",
                "{'ExtraHosts':['a::']} | invalid IP address in add-host: \":\"",
                "{'ExtraHosts':['a:HOST-GATEWAY']} | invalid IP address in add-host: \"HOST-GATEWAY\"",
                "{'ExtraHosts':['a:[::1]']} | invalid IP address in add-host: \"[::1]\"",
                "{'ExtraHosts':['a:fe80::1%eth0']} | invalid IP address in add-host: \"fe80::1%eth0\"",
            })
    void hosts_refused_as_by_dockerd(String hostConfig, String message) {
        assertRefused(message, () -> check(hostConfig));
    }

    /** dockerd takes it, and writes a second line into the container's hosts. */
    @ParameterizedTest
    @ValueSource(strings = {"{'ExtraHosts':['a\\n1.1.1.1 b:1.2.3.4']}", "{'ExtraHosts':['a: 1.2.3.4']}"})
    void line_of_hosts_is_one_line(String hostConfig) {
        assertThrows(EngineError.BadParameter.class, () -> check(hostConfig));
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

        assertThrows(EngineError.BadParameter.class, () -> check(hostConfig.formatted(path)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'Devices':[{}]}", "{'Devices':[{'PathOnHost':''}]}", "{'Devices':[{'PathOnHost':null}]}"})
    void device_without_path_is_no_device(String hostConfig) {
        assertRefused(
                "error gathering device information while adding custom device \"\": no such file or directory",
                () -> check(hostConfig));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'RestartPolicy':null}",
                "{'RestartPolicy':{'Name':'no'}}",
                "{'RestartPolicy':{'Name':'always'}}",
                "{'RestartPolicy':{'Name':'unless-stopped'}}",
                "{'RestartPolicy':{'Name':'on-failure'}}",
                "{'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':2147483647}}",
                "{'RestartPolicy':{'Name':'','MaximumRetryCount':0},'AutoRemove':true}",
                "{'RestartPolicy':{'Name':'no'},'AutoRemove':true}",
                "{'CapAdd':['ALL','cap_net_admin','SYS_PTRACE']}",
                "{'CapAdd':['all','kill','Kill','CAP_KILL','CHECKPOINT_RESTORE']}",
                "{'CapAdd':['kıll']}",
                "{'CapAdd':[],'CapDrop':null}",
                "{'ExtraHosts':['gw:host-gateway','six:::1','four:1.2.3.4','mapped:::ffff:1.2.3.4','a b:1.2.3.4']}",
                "{'NetworkMode':''}",
                "{'NetworkMode':'HOST'}",
                "{'NetworkMode':'container:zz'}",
                "{'NetworkMode':'container:zz','UTSMode':'host'}",
                "{'NetworkMode':'host','Dns':['1.1.1.1']}",
                "{'NetworkMode':'host','PortBindings':{'80/tcp':[{'HostPort':'1'}]}}",
                "{'PidMode':'host','IpcMode':'container:abc','UTSMode':'host'}",
                "{'PidMode':'container:abc:def','IpcMode':'none'}",
                "{'IpcMode':'shareable','CgroupnsMode':'private','UsernsMode':'host'}",
                "{'IpcMode':'private','CgroupnsMode':'host','Isolation':'Default'}",
                "{'CgroupParent':'../../x'}",
                "{'Devices':[{'PathOnHost':'rel'}]}",
                "{'Annotations':{'a':''}}",
                "{'ConsoleSize':[1]}",
                "{'ConsoleSize':null}",
                "{'MaskedPaths':[],'ReadonlyPaths':['rel']}",
                "{'NetworkMode':'mine','Links':['a:b']}",
                "{'Dns':['::1','192.0.2.1']}",
                "{'Links':[],'DeviceRequests':[{'Count':-1}],'StorageOpt':{}}",
                "{'Annotations':{'run.ocean':''}}",
            })
    void accepted(String hostConfig) {
        assertDoesNotThrow(() -> check(hostConfig));
    }

    @Test
    void links_are_bounded() {
        String links = IntStream.range(0, 257).mapToObj(n -> "'a:b" + n + "'").collect(Collectors.joining(","));

        EngineError error = assertThrows(EngineError.BadParameter.class, () -> check("{'Links':[" + links + "]}"));

        assertEquals("a container has at most 256 links", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '`',
            value = {
                "{'Cgroup':'container:zz'} | cgroups of other containers are not supported",
            })
    void not_pretended(String hostConfig, String message) {
        EngineError error = assertThrows(EngineError.NotSupported.class, () -> check(hostConfig));

        assertEquals(message, error.getMessage());
    }

    private static void assertRefused(String message, Executable check) {
        EngineError error = assertThrows(EngineError.BadParameter.class, check);

        assertEquals(message, error.getMessage());
    }
}
