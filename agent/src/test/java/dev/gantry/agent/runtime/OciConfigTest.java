package dev.gantry.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.DeviceRequest;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.api.ContainerSpec.Namespaces;
import dev.gantry.agent.api.ContainerSpec.Security;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.cdi.CdiDevices;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.testing.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OciConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void a_plain_container_is_confined_as_docker_does() {
        OciSpec config = config(Specs.running("true"));

        assertFalse(config.linux().maskedPaths().isEmpty());
        assertTrue(config.linux().readonlyPaths().contains("/proc/sys"));
        assertEquals(14, config.process().capabilities().bounding().size());
        assertFalse(config.process().capabilities().bounding().contains("CAP_SYS_ADMIN"));
        assertEquals("SCMP_ACT_ERRNO", config.linux().seccomp().defaultAction());
        assertEquals(
                List.of("mount", "pid", "ipc", "uts", "cgroup", "network"),
                config.linux().namespaces().stream()
                        .map(OciSpec.Namespace::type)
                        .toList());
        assertTrue(mount(config, "/sys").options().contains("ro"));
        assertTrue(mount(config, "/dev/shm").options().contains("size=67108864"));
        OciSpec.DeviceRule first = config.linux().resources().devices().getFirst();
        assertFalse(first.allow());
    }

    @Test
    void a_privileged_container_has_everything() {
        Security privileged = new Security(true, List.of(), List.of(), false, "default", null, null, null, Map.of());

        OciSpec config = config(Specs.running("true").security(privileged));

        assertNull(config.linux().seccomp());
        assertTrue(config.linux().maskedPaths().isEmpty());
        assertTrue(mount(config, "/sys").options().contains("rw"));
        assertTrue(config.linux().resources().devices().getFirst().allow());
        assertEquals(
                Capabilities.all(Capabilities.held()).size(),
                config.process().capabilities().bounding().size());
    }

    @Test
    void all_dropped_but_one() {
        Security one =
                new Security(false, List.of("NET_RAW"), List.of("ALL"), false, "default", null, null, null, Map.of());

        assertEquals(
                List.of("CAP_NET_RAW"),
                config(Specs.running("true").security(one))
                        .process()
                        .capabilities()
                        .bounding());
    }

    @Test
    void system_calls_follow_the_capabilities() {
        OciSpec.Seccomp plain = SeccompProfile.defaults(Set.of(), "amd64");
        OciSpec.Seccomp admin = SeccompProfile.defaults(Set.of("CAP_SYS_ADMIN"), "amd64");

        assertFalse(plain.syscalls().getFirst().names().contains("mount"));
        assertTrue(admin.syscalls().getFirst().names().contains("mount"));
        assertTrue(
                plain.syscalls().stream().anyMatch(rule -> Integer.valueOf(38).equals(rule.errnoRet())));
    }

    @Test
    void the_default_filter_refuses_what_it_knows_and_lacks_what_it_does_not() {
        OciSpec.Seccomp filter = SeccompProfile.defaults(Set.of(), "amd64");
        List<String> allowed = filter.syscalls().getFirst().names();
        OciSpec.Syscall refused = filter.syscalls().getLast();

        assertEquals("SCMP_ACT_ERRNO", filter.defaultAction());
        assertEquals(38, filter.defaultErrnoRet());
        assertEquals(1, refused.errnoRet());
        assertTrue(refused.names().containsAll(List.of("mount", "keyctl", "io_uring_setup", "set_tls")));
        assertTrue(refused.names().stream().noneMatch(allowed::contains));
        assertTrue(refused.names().stream().noneMatch(List.of("clone", "clone3", "socket", "personality")::contains));
        assertTrue(allowed.containsAll(List.of("futex_wait", "fchmodat2", "cachestat")));
    }

    @Test
    void another_user_has_no_capabilities_in_effect() {
        OciSpec config = config(Specs.running("true").user("1000"));

        assertEquals(1000, config.process().user().uid());
        assertTrue(config.process().capabilities().effective().isEmpty());
        assertFalse(config.process().capabilities().bounding().isEmpty());
    }

    @Test
    void namespaces_can_be_the_hosts_or_another_containers() {
        OciSpec config =
                config(Specs.running("true").namespaces(new Namespaces("container:abc", "host", "host", "", "")));

        assertTrue(config.linux().namespaces().contains(new OciSpec.Namespace("pid", "/proc/4711/ns/pid")));
        assertTrue(
                config.linux().namespaces().stream().noneMatch(one -> one.type().equals("ipc")));
        assertNull(config.hostname());
        assertEquals("bind", mount(config, "/dev/shm").type());
    }

    @Test
    void a_mount_of_the_clients_replaces_ours_and_comes_after_its_parents() {
        MountSpec inner = tmpfs("/data/inner", "size=1m,exec");
        MountSpec outer = tmpfs("/data", "");
        MountSpec shm = tmpfs("/dev/shm", "size=2m");

        List<OciSpec.Mount> mounts =
                config(Specs.running("true").mount(inner, outer, shm)).mounts();

        List<String> targets = mounts.stream().map(OciSpec.Mount::destination).toList();
        assertTrue(targets.indexOf("/data") < targets.indexOf("/data/inner"));
        assertEquals(1, targets.stream().filter("/dev/shm"::equals).count());
        List<String> options = mounts.get(targets.indexOf("/data/inner")).options();
        assertTrue(options.contains("exec") && !options.contains("noexec"));
    }

    @Test
    void a_bind_from_nowhere_is_refused_unless_it_is_to_be_made() {
        Path missing = directory.resolve("missing");
        MountSpec strict = bind(missing, false);
        MountSpec lenient = bind(missing, true);

        AgentFailure failure = assertThrows(
                AgentFailure.class, () -> config(Specs.running("true").mount(strict)));
        config(Specs.running("true").mount(lenient));

        assertEquals(
                "invalid mount config for type \"bind\": bind source path does not exist: " + missing,
                failure.getMessage());
        assertTrue(missing.toFile().isDirectory());
    }

    @Test
    void an_init_runs_the_command() {
        OciSpec config = config(Specs.running("sleep", "1").init());

        assertEquals(
                List.of("/sbin/docker-init", "--", "sleep", "1"),
                config.process().args());
        assertEquals("/usr/bin/init", mount(config, "/sbin/docker-init").source());
    }

    @Test
    void limits_are_translated() {
        OciSpec.Resources limits = config(Specs.running("true").memory(1 << 24).nanoCpus(1_500_000_000L))
                .linux()
                .resources();

        assertEquals(1 << 24, limits.memory().limit());
        assertEquals(150_000, limits.cpu().quota());
        assertEquals(100_000, limits.cpu().period());
        assertNull(limits.pids());
    }

    @Test
    void the_cgroup_is_below_its_parent() {
        ContainerSpec spec = Specs.running("true").cgroupParent("/some/where/").build();

        assertEquals("/some/where/" + spec.id(), OciConfig.cgroup(spec));
    }

    @ParameterizedTest
    @CsvSource({"../../x, /x", "/a/../../../tmp/zz, /tmp/zz", ".., /gantry", "/, /gantry", "'', /gantry", "a/../b, /b"})
    void no_cgroup_is_outside_the_hierarchy(String parent, String cleaned) {
        ContainerSpec spec = Specs.running("true").cgroupParent(parent).build();

        assertEquals(cleaned + "/" + spec.id(), OciConfig.cgroup(spec));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/x", "/proc/sys", "/x/../proc/1/ns", "/link/sys", "/around/link/x", "/abs/sys"})
    void nothing_is_mounted_below_proc(String target) throws IOException {
        links();

        AgentFailure tmpfs = refused(tmpfs(target, ""));
        AgentFailure bind =
                refused(new MountSpec(MountSpec.Kind.BIND, directory.toString(), target, true, false, false, "", ""));

        assertTrue(tmpfs.getMessage().endsWith("cannot be mounted because it is inside /proc: unknown"));
        assertTrue(bind.getMessage().endsWith("cannot be mounted because it is inside /proc: unknown"));
    }

    @Test
    void over_proc_itself_goes_nothing_but_another_proc() throws IOException {
        links();

        for (String target : List.of("/proc", "/abs", "/../proc/")) {
            assertTrue(refused(tmpfs(target, ""))
                    .getMessage()
                    .endsWith("cannot be mounted because it is not of type proc: unknown"));
        }
        MountSpec proc = new MountSpec(MountSpec.Kind.BIND, "/proc", "/proc", true, false, false, "", "");
        assertEquals(
                "bind",
                mount(config(Specs.running("true").mount(proc)), "/proc").type());
    }

    @Test
    void files_that_tell_of_the_machine_may_be_replaced() {
        MountSpec file =
                new MountSpec(MountSpec.Kind.BIND, directory.toString(), "/proc/meminfo", true, false, false, "", "");

        assertEquals(
                "bind",
                mount(config(Specs.running("true").mount(file)), "/proc/meminfo")
                        .type());
    }

    @Test
    void read_only_is_all_that_is_mounted_in_it() {
        assertEquals(List.of("rbind", "rprivate", "rro"), options(MountSpec.Extent.WHOLE));
        assertEquals(List.of("rbind", "rprivate", "ro"), options(new MountSpec.Extent(false, true, false, "")));
        assertEquals(List.of("bind", "private", "rro"), options(new MountSpec.Extent(true, false, true, "")));
    }

    private List<String> options(MountSpec.Extent extent) {
        MountSpec bind = new MountSpec(
                MountSpec.Kind.BIND, directory.toString(), "/bound", true, false, false, "", "", extent, null);
        return mount(config(Specs.running("true").mount(bind)), "/bound").options();
    }

    @Test
    void devices_of_vendors_come_with_all_that_belongs_to_them() throws IOException {
        Path file = directory.resolve("cdi/v.json");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                """
                {"cdiVersion":"0.5.0","kind":"v.com/c","devices":[{"name":"one","containerEdits":{
                "env":["COLOUR=red"],"deviceNodes":[{"path":"/dev/one","hostPath":"/dev/null","permissions":"r"}],
                "mounts":[{"hostPath":"/etc","containerPath":"/vendor","options":["ro","bind"]}],
                "hooks":[{"hookName":"createRuntime","path":"/bin/true","args":["true"]}],"additionalGids":[7]}}]}
                """);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        OciSpec config = config(Specs.running("true").devices(request("cdi", List.of("v.com/c=one"))));

        assertTrue(config.process().env().contains("COLOUR=red"));
        assertTrue(config.process().user().additionalGids().contains(7L));
        assertEquals("/dev/one", config.linux().devices().getLast().path());
        assertEquals("r", config.linux().resources().devices().getLast().access());
        assertEquals("/etc", mount(config, "/vendor").source());
        assertEquals("/bin/true", config.hooks().get("createRuntime").getFirst().path());
    }

    @Test
    void devices_that_nobody_has_are_told_as_by_dockerd() {
        for (DeviceRequest request :
                List.of(request("", List.of()), request("cdi", List.of("v.com/c=none")), request("zz", List.of()))) {
            AgentFailure failure = assertThrows(
                    AgentFailure.class, () -> config(Specs.running("true").devices(request)));
            assertEquals(
                    request.driver().equals("cdi")
                            ? "CDI device injection failed: unresolvable CDI devices v.com/c=none"
                            : "could not select device driver \"" + request.driver()
                                    + "\" with capabilities: [[a b] [c]]",
                    failure.getMessage());
        }
    }

    private static DeviceRequest request(String driver, List<String> ids) {
        return new DeviceRequest(driver, 0, ids, List.of(List.of("a", "b"), List.of("c")), null);
    }

    private void links() throws IOException {
        Files.createDirectories(directory.resolve("proc"));
        Files.createDirectories(directory.resolve("around"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("../../proc"));
        Files.createSymbolicLink(directory.resolve("abs"), Path.of("/link"));
        Files.createSymbolicLink(directory.resolve("around/link"), Path.of("../abs"));
    }

    private AgentFailure refused(MountSpec mount) {
        return assertThrows(
                AgentFailure.class, () -> config(Specs.running("true").mount(mount)));
    }

    private OciSpec config(Specs specs) {
        ContainerSpec spec = specs.build();
        Function<MountSpec, Path> volumes = mount -> directory.resolve(mount.source());
        ContainerFiles files = new ContainerFiles(spec.id(), directory.resolve("data"), directory.resolve("run"));
        ContainerLaunch launch = new ContainerLaunch(
                spec,
                files,
                files,
                directory,
                new NetworkPlan(NetworkPlan.Kind.NONE, "", List.of()),
                Optional.of(Path.of("/netns")),
                volumes,
                directory::resolve,
                id -> 4711);
        HostRoot host = new HostRoot(Path.of("/"));
        CdiDevices cdi = new CdiDevices(
                host, Optional.of(List.of(directory.resolve("cdi").toString())));
        return new OciConfig(JSON, new Cgroups(directory), host, "/usr/bin/init", new DeviceRequests(cdi, host))
                .of(launch);
    }

    private static OciSpec.Mount mount(OciSpec config, String target) {
        return config.mounts().stream()
                .filter(mount -> mount.destination().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private static MountSpec tmpfs(String target, String options) {
        return new MountSpec(MountSpec.Kind.TMPFS, "", target, false, false, false, "", options);
    }

    private static MountSpec bind(Path source, boolean create) {
        return new MountSpec(MountSpec.Kind.BIND, source.toString(), "/b", true, false, create, "", "");
    }
}
