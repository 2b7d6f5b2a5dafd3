package dev.gantry.agent.api.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonJsonTest {
    @TempDir
    Path directory;

    @Test
    void what_it_says_are_settings() throws IOException {
        TakenOver taken = read(
                """
                {"log-driver": "local", "log-opts": {"max-size": "10m", "labels": "a,b"}, "labels": ["rack=7", "x=a,b"],
                 "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1000, "Hard": 2000}}, "default-shm-size": "32m",
                 "init": true, "dns": ["192.0.2.5"], "default-address-pools": [{"base": "10.1.0.0/16", "size": 24}],
                 "hosts": ["unix:///run/other.sock", "tcp://127.0.0.1:2376", "fd://"], "live-restore": true,
                 "storage-driver": "overlay2", "exec-opts": ["native.cgroupdriver=cgroupfs"], "tlsverify": true, "ipv6": false, "bridge": "", "proxies": {},
                 "insecure-registries": ["https://one.example:5000", "10.0.0.0/8"], "max-concurrent-downloads": 2, "bip": "10.7.1.5/24",
                 "runtimes": {"own": {"path": "/opt/own", "runtimeArgs": ["--a", "b"]}},
                 "registry-mirrors": ["https://mirror.example"]}""");

        assertEquals(
                Map.ofEntries(
                        Map.entry("gantry.containers.log-driver", "local"),
                        Map.entry("gantry.containers.log-options", "max-size=10m,labels=a\\,b"),
                        Map.entry("gantry.labels", "rack=7,x=a\\,b"),
                        Map.entry("gantry.containers.ulimits", "nofile=1000:2000"),
                        Map.entry("gantry.containers.shm-size", "33554432"),
                        Map.entry("gantry.containers.init", "true"),
                        Map.entry("gantry.containers.dns", "192.0.2.5"),
                        Map.entry("gantry.network.pools", "10.1.0.0/16:24"),
                        Map.entry("gantry.agent.runtimes", "own=/opt/own --a b"),
                        Map.entry("gantry.network.bip", "10.7.1.5/24"),
                        Map.entry("gantry.registries.insecure", "one.example:5000,10.0.0.0/8"),
                        Map.entry("gantry.registries.mirrors", "https://mirror.example"),
                        Map.entry("gantry.registries.max-concurrent-downloads", "2"),
                        Map.entry("gantry.docker.socket", "/run/other.sock"),
                        Map.entry("gantry.docker.tcp", "127.0.0.1:2376")),
                taken.settings());
        assertEquals(List.of(), taken.notices());
    }

    @Test
    void what_means_nothing_here_is_named_once() throws IOException {
        TakenOver taken = read(
                """
                {"data-root": "/var/lib/docker", "live-restore": false, "features": {"buildkit": true}, "mtu": 1400}""");

        assertEquals(Map.of(), taken.settings());
        assertEquals(
                List.of("data-root", "live-restore", "features", "mtu"),
                taken.notices().stream()
                        .map(notice -> notice.replaceFirst("^\\S+ (\\S+) is not taken over: .*", "$1"))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"foo": 1, "bar": true} | the following directives don't match any configuration option: foo, bar
            {"Debug": true} | the following directives don't match any configuration option: Debug
            {"live-restore": "x"} | cannot unmarshal string into Go struct field Config.live-restore of type bool
            [] | json: cannot unmarshal array into Go value of type map[string]interface {}
            {"default-ipc-mode": "host"} | IPC mode "host" is not supported as default value; use "shareable" or "private"
            {"hosts": ["foo://x"]} | invalid bind address (foo://x): unsupported proto 'foo'
            {"default-shm-size": "64X"} | invalid size: '64X'
            {"max-concurrent-downloads": -1} | invalid max concurrent downloads: -1
            {"max-concurrent-uploads": "3"} | cannot unmarshal string into Go struct field Config.max-concurrent-uploads
            {"default-ulimits": {"nofile": {"Soft": "many", "Hard": 9}}} | cannot unmarshal string into Go struct field
            {"labels": ["a"]} | bad attribute format: a
            {"labels": ["a=b", "a=c"]} | conflict labels for a=c and a=b
            {"dns": ["x"]} | invalid IP address: x
            {"runtimes": {"runc": {"path": "/x"}}} | runtime name 'runc' is reserved
            {"runtimes": {"x": {"runtimeType": "io.containerd.runsc.v1"}}} | runtimes: x needs an absolute path
            {"bip": "10.7.1.0/24"} | invalid CIDR address: 10.7.1.0/24
            {"bip": "10.7.1.255/24"} | invalid CIDR address: 10.7.1.255/24
            {"bip": "10.7.1"} | invalid CIDR address: 10.7.1
            {"registry-mirrors": ["ftp://x"]} | invalid mirror: unsupported scheme "ftp" in "ftp://x"
            {"registry-mirrors": ["https://x/y?z"]} | invalid mirror: query or fragment at end of the URI "https://x/y?z"
            {"registry-mirrors": ["https://a:b@x"]} | invalid mirror: username/password not allowed in URI "https://a:xxxxx@x"
            {"insecure-registries": ["a:99999"]} | insecure registry a:99999 is not valid: invalid port "99999"
            {"insecure-registries": ["10.0.0.0/33"]} | insecure registry 10.0.0.0/33 is not valid: invalid host "10.0.0.0/33"
            {"insecure-registries": ["svn://x"]} | insecure registry svn://x should not contain '://'
            {"insecure-registries": ["a b"]} | insecure registry a b is not valid: invalid host "a b"
            """)
    void what_dockerd_refuses_is_refused(String text, String words) throws IOException {
        String message =
                assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage();

        assertTrue(message.contains(words), message);
    }

    /** A weaker confinement than its operator counts on. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"userns-remap\": \"default\"}",
                "{\"icc\": false}",
                "{\"selinux-enabled\": true}",
                "{\"authorization-plugins\": [\"opa\"]}",
                "{\"seccomp-profile\": \"/etc/own.json\"}",
                "{\"iptables\": false}"
            })
    void what_keeps_containers_in_is_not_left_away(String text) {
        assertThrows(IllegalArgumentException.class, () -> read(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"debug\": true,}", "{\"a\": 1} x", "{\"debug\": true, \"debug\": false}", "\u0000"})
    void what_is_no_json_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> read(text));
    }

    @Test
    void our_own_file_counts_for_more() throws IOException {
        Path file = Files.writeString(directory.resolve("daemon.json"), "{\"init\": true, \"labels\": [\"a=b\"]}");
        Map<String, String> ours = Map.of("gantry.daemon-json", file.toString(), "gantry.containers.init", "false");

        Map<String, String> both = TakenOver.ofSettings(ours, Map.of()).below(ours);

        assertEquals("false", both.get("gantry.containers.init"));
        assertEquals("a=b", both.get("gantry.labels"));
    }

    private TakenOver read(String text) throws IOException {
        return DaemonJson.read(Files.writeString(directory.resolve("daemon.json"), text));
    }
}
