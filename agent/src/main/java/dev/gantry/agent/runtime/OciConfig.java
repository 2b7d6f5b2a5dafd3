package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.KernelPaths;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.cdi.CdiDevices;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.runtime.OciSpec.CapabilitySets;
import dev.gantry.agent.runtime.OciSpec.ConsoleSize;
import dev.gantry.agent.runtime.OciSpec.Linux;
import dev.gantry.agent.runtime.OciSpec.Namespace;
import dev.gantry.agent.runtime.OciSpec.Root;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a container's OCI configuration, with Docker's defaults where nothing was asked for. */
@ApplicationScoped
public class OciConfig {
    static final String INIT_TARGET = "/sbin/docker-init";

    private final ObjectMapper json;
    private final Cgroups cgroups;
    private final HostRoot host;
    private final String initBinary;
    private final DeviceRequests requests;
    private final long heldCapabilities;
    private final int ownOomScore;

    @Inject
    OciConfig(ObjectMapper json, HostRoot host, Runtimes runtimes, CdiDevices cdi) {
        this(json, Cgroups.ofHost(), host, runtimes.initBinary(), new DeviceRequests(cdi, host));
    }

    /** @param initBinary a static init for {@code --init}; empty when the host has none */
    OciConfig(ObjectMapper json, Cgroups cgroups, HostRoot host, String initBinary, DeviceRequests requests) {
        this.json = json;
        this.cgroups = cgroups;
        this.host = host;
        this.initBinary = initBinary;
        this.requests = requests;
        this.heldCapabilities = Capabilities.held();
        this.ownOomScore = ownOomScore();
    }

    public OciSpec of(ContainerLaunch launch) {
        ContainerSpec spec = launch.spec();
        if (spec.init() && initBinary.isEmpty()) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "unable to find docker-init on this host");
        }
        String complaint = CgroupLimits.complaint(spec.resources(), cgroups);
        if (complaint != null) {
            throw RuntimeErrors.ofCreate(
                    spec.runtime(), complaint, spec.process().args().getFirst());
        }
        Set<String> capabilities = Capabilities.of(spec.security(), heldCapabilities);
        ContainerMounts.Result mounts = ContainerMounts.of(launch, host, initBinary);
        ContainerDevices devices = ContainerDevices.of(spec, host);
        boolean privileged = spec.security().privileged();
        Linux linux = new Linux(
                sysctls(spec, launch.plan()),
                cgroup(spec),
                resources(spec, devices),
                namespaces(launch),
                devices.nodes(),
                SeccompProfile.of(spec.security().seccompProfile(), privileged, capabilities, json),
                mounts.rootfsPropagation(),
                paths(spec.security().maskedPaths(), KernelPaths.MASKED, privileged),
                paths(spec.security().readOnlyPaths(), KernelPaths.READ_ONLY, privileged));
        OciSpec config = new OciSpec(
                "1.0.2",
                process(launch, capabilities),
                new Root(launch.rootfs().toString(), spec.readOnlyRootfs()),
                isHost(spec.namespaces().uts()) ? null : spec.hostname(),
                null,
                mounts.mounts(),
                null,
                spec.annotations() == null || spec.annotations().isEmpty() ? null : spec.annotations(),
                linux);
        return requests.apply(config, launch.rootfs(), spec.resources().deviceRequests());
    }

    private OciSpec.Resources resources(ContainerSpec spec, ContainerDevices devices) {
        OciSpec.Resources limits = CgroupLimits.of(spec.resources(), devices.rules(), cgroups);
        return new OciSpec.Resources(
                limits.devices(),
                limits.memory(),
                limits.cpu(),
                limits.pids(),
                BlockIoLimits.of(spec.resources(), limits.blockIO(), host));
    }

    /** The container's control group, from the root of each hierarchy. */
    public static String cgroup(ContainerSpec spec) {
        String parent = spec.resources().cgroupParent();
        String clean = CleanPath.of(parent == null ? "" : parent);
        return (clean.equals("/") ? "/gantry" : clean) + "/" + spec.id();
    }

    private OciSpec.Process process(ContainerLaunch launch, Set<String> capabilities) {
        ContainerSpec spec = launch.spec();
        ContainerSpec.ProcessSpec process = spec.process();
        UserLookup.Identity user = UserLookup.resolve(launch.rootfs(), process.user(), process.groupAdd());
        List<String> args = new ArrayList<>();
        if (spec.init()) {
            args.addAll(List.of(INIT_TARGET, "--"));
        }
        args.addAll(process.args());
        return new OciSpec.Process(
                process.tty(),
                consoleSize(process.tty(), process.consoleHeight(), process.consoleWidth()),
                new OciSpec.User(user.uid(), user.gid(), user.groups()),
                args,
                new Environment(spec.hostname(), process.tty(), launch.plan())
                        .with(process.env())
                        .list(user.home()),
                CleanPath.of(process.cwd() == null ? "" : process.cwd()),
                capabilitySets(capabilities, user.uid()),
                ResourceLimits.of(spec.resources().ulimits(), heldCapabilities),
                spec.security().noNewPrivileges(),
                oomScore(spec.resources().oomScoreAdj()),
                appArmor(spec));
    }

    /**
     * A further process in a running container, with the same confinement as its first one.
     *
     * @param plan the container's
     * @param rootfs as the container sees it
     */
    public OciSpec.Process execProcess(
            ContainerSpec spec, NetworkPlan plan, ContainerOperations.ExecSpec exec, Path rootfs) {
        ContainerSpec.ProcessSpec first = spec.process();
        String user = exec.user() == null || exec.user().isEmpty() ? first.user() : exec.user();
        UserLookup.Identity identity = UserLookup.resolve(rootfs, user, first.groupAdd());
        Set<String> capabilities = exec.privileged()
                ? Capabilities.all(heldCapabilities)
                : Capabilities.of(spec.security(), heldCapabilities);
        String cwd = exec.cwd() == null || exec.cwd().isEmpty() ? first.cwd() : exec.cwd();
        return new OciSpec.Process(
                exec.tty(),
                consoleSize(exec.tty(), exec.consoleHeight(), exec.consoleWidth()),
                new OciSpec.User(identity.uid(), identity.gid(), identity.groups()),
                exec.args(),
                new Environment(spec.hostname(), exec.tty(), plan)
                        .with(first.env())
                        .with(exec.env())
                        .list(identity.home()),
                cwd == null || cwd.isEmpty() ? "/" : cwd.startsWith("/") ? CleanPath.of(cwd) : cwd,
                capabilitySets(capabilities, identity.uid()),
                ResourceLimits.of(spec.resources().ulimits(), heldCapabilities),
                spec.security().noNewPrivileges(),
                oomScore(spec.resources().oomScoreAdj()),
                appArmor(spec));
    }

    /** Null where the kernel has none. */
    private String appArmor(ContainerSpec spec) {
        String profile = spec.security().appArmorProfile();
        return profile == null || profile.isEmpty() || !cgroups.limits().appArmor() ? null : profile;
    }

    static ConsoleSize consoleSize(boolean tty, int height, int width) {
        return tty && height > 0 && width > 0 ? new ConsoleSize(height, width) : null;
    }

    /** As the kernel does at execve(2), a user other than root starts with none of them in effect. */
    static CapabilitySets capabilitySets(Set<String> capabilities, long uid) {
        List<String> names = List.copyOf(capabilities);
        List<String> effective = uid == 0 ? names : List.of();
        return new CapabilitySets(names, effective, effective, null, null);
    }

    private List<Namespace> namespaces(ContainerLaunch launch) {
        ContainerSpec.Namespaces asked = launch.spec().namespaces();
        List<Namespace> result = new ArrayList<>();
        result.add(new Namespace("mount", null));
        add(result, launch, "pid", asked.pid());
        add(result, launch, "ipc", asked.ipc());
        add(result, launch, "uts", asked.uts());
        add(result, launch, "cgroup", asked.cgroup());
        launch.networkNamespace().ifPresent(path -> result.add(new Namespace("network", path.toString())));
        if (asked.user() != null && !asked.user().isEmpty() && !isHost(asked.user())) {
            throw new AgentFailure(AgentFailure.Code.NOT_SUPPORTED, "user namespaces are not supported");
        }
        return result;
    }

    private static void add(List<Namespace> result, ContainerLaunch launch, String type, String mode) {
        if (isHost(mode)) {
            return;
        }
        if (mode != null && mode.startsWith("container:")) {
            int pid = launch.pids().applyAsInt(mode.substring("container:".length()));
            result.add(new Namespace(type, "/proc/" + pid + "/ns/" + type));
            return;
        }
        result.add(new Namespace(type, null));
    }

    private static Map<String, String> sysctls(ContainerSpec spec, NetworkPlan plan) {
        Map<String, String> result = new LinkedHashMap<>();
        if (plan.kind() == NetworkPlan.Kind.NONE || plan.kind() == NetworkPlan.Kind.NETWORKS) {
            // As Docker: low ports and ping need no capability in a network of one's own.
            result.put("net.ipv4.ip_unprivileged_port_start", "0");
            result.put("net.ipv4.ping_group_range", "0 2147483647");
        }
        if (spec.domainname() != null
                && !spec.domainname().isEmpty()
                && !isHost(spec.namespaces().uts())) {
            result.put("kernel.domainname", spec.domainname());
        }
        if (spec.security().sysctls() != null) {
            result.putAll(spec.security().sysctls());
        }
        return result.isEmpty() ? null : result;
    }

    private static List<String> paths(List<String> asked, List<String> defaults, boolean privileged) {
        if (privileged) {
            return List.of();
        }
        return asked == null ? defaults : asked.stream().map(CleanPath::of).toList();
    }

    /** Going below one's own score needs CAP_SYS_RESOURCE. */
    private int oomScore(int asked) {
        boolean mayLower = (heldCapabilities >>> 24 & 1) == 1;
        return mayLower ? asked : Math.max(asked, ownOomScore);
    }

    private static int ownOomScore() {
        try {
            return Integer.parseInt(
                    Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
        } catch (IOException e) {
            return 0;
        }
    }

    private static boolean isHost(String mode) {
        return "host".equals(mode);
    }
}
