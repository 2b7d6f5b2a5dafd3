package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec.DeviceRequest;
import dev.gantry.agent.cdi.CdiDevices;
import dev.gantry.agent.cdi.CdiFile.DeviceNode;
import dev.gantry.agent.cdi.CdiFile.Edits;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.runtime.OciSpec.Device;
import dev.gantry.agent.runtime.OciSpec.DeviceRule;
import dev.gantry.agent.runtime.OciSpec.Hook;
import dev.gantry.agent.runtime.OciSpec.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives a container the devices that a driver finds. There is one driver, {@code cdi}. Words are dockerd's. */
final class DeviceRequests {
    private final CdiDevices cdi;
    private final HostRoot host;

    DeviceRequests(CdiDevices cdi, HostRoot host) {
        this.cdi = cdi;
        this.host = host;
    }

    OciSpec apply(OciSpec config, Path rootfs, List<DeviceRequest> requests) {
        OciSpec result = config;
        for (DeviceRequest request : requests == null ? List.<DeviceRequest>of() : requests) {
            for (Edits edits : edits(request)) {
                result = edited(result, rootfs, edits);
            }
        }
        return result;
    }

    private List<Edits> edits(DeviceRequest request) {
        if (!"cdi".equals(request.driver())) {
            throw failure("could not select device driver \"%s\" with capabilities: %s"
                    .formatted(request.driver(), capabilities(request.capabilities())));
        }
        if (request.count() != 0) {
            throw failure("unexpected count in CDI device request");
        }
        if (request.options() != null && !request.options().isEmpty()) {
            throw failure("unexpected options in CDI device request");
        }
        try {
            return cdi.edits(orEmpty(request.ids()));
        } catch (CdiDevices.UnknownDevices e) {
            throw failure("CDI device injection failed: " + e.getMessage());
        }
    }

    /** As Go prints lists. */
    private static String capabilities(List<List<String>> sets) {
        List<String> all = orEmpty(sets).stream()
                .map(set -> "[" + String.join(" ", orEmpty(set)) + "]")
                .toList();
        return "[" + String.join(" ", all) + "]";
    }

    private OciSpec edited(OciSpec config, Path rootfs, Edits edits) {
        OciSpec.Linux linux = config.linux();
        List<Device> devices = new ArrayList<>(linux.devices());
        List<DeviceRule> rules = new ArrayList<>(linux.resources().devices());
        for (DeviceNode node : orEmpty(edits.deviceNodes())) {
            Device device = device(node, config.process().user().uid());
            devices.removeIf(other -> other.path().equals(device.path()));
            devices.add(device);
            rules.add(new DeviceRule(
                    true,
                    device.type(),
                    device.major(),
                    device.minor(),
                    node.permissions() == null || node.permissions().isEmpty() ? "rwm" : node.permissions()));
        }
        OciSpec.Resources limits = linux.resources();
        return new OciSpec(
                config.ociVersion(),
                process(config.process(), edits),
                config.root(),
                config.hostname(),
                config.domainname(),
                mounts(config.mounts(), rootfs, orEmpty(edits.mounts())),
                hooks(config.hooks(), orEmpty(edits.hooks())),
                config.annotations(),
                new OciSpec.Linux(
                        linux.sysctl(),
                        linux.cgroupsPath(),
                        new OciSpec.Resources(rules, limits.memory(), limits.cpu(), limits.pids(), limits.blockIO()),
                        linux.namespaces(),
                        devices,
                        linux.seccomp(),
                        linux.rootfsPropagation(),
                        linux.maskedPaths(),
                        linux.readonlyPaths()));
    }

    private Device device(DeviceNode node, long user) {
        String onHost = node.hostPath() == null || node.hostPath().isEmpty() ? node.path() : node.hostPath();
        String inside = CleanPath.of(node.path());
        Device found =
                ContainerDevices.node(host.of(CleanPath.of(onHost)), inside).orElse(null);
        boolean said = node.type() != null && node.major() != null && node.minor() != null;
        if (found == null && !said) {
            throw failure("CDI device injection failed: failed to stat CDI host device \"" + onHost
                    + "\": no such device node");
        }
        Long owner = node.uid() == null && user > 0 ? Long.valueOf(user) : node.uid();
        return new Device(
                said ? node.type() : found.type(),
                inside,
                said ? node.major() : found.major(),
                said ? node.minor() : found.minor(),
                node.fileMode() != null || found == null ? node.fileMode() : found.fileMode(),
                owner,
                node.gid());
    }

    private static OciSpec.Process process(OciSpec.Process process, Edits edits) {
        Map<String, String> env = new LinkedHashMap<>();
        process.env().forEach(variable -> env.put(name(variable), variable));
        orEmpty(edits.env()).forEach(variable -> env.put(name(variable), variable));
        Set<Long> groups = new LinkedHashSet<>(process.user().additionalGids());
        groups.addAll(orEmpty(edits.additionalGids()));
        return new OciSpec.Process(
                process.terminal(),
                process.consoleSize(),
                new OciSpec.User(process.user().uid(), process.user().gid(), List.copyOf(groups)),
                process.args(),
                List.copyOf(env.values()),
                process.cwd(),
                process.capabilities(),
                process.rlimits(),
                process.noNewPrivileges(),
                process.oomScoreAdj(),
                process.apparmorProfile());
    }

    private static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    /** Behind what they are mounted in. */
    private List<Mount> mounts(List<Mount> before, Path rootfs, List<dev.gantry.agent.cdi.CdiFile.Mount> added) {
        if (added.isEmpty()) {
            return before;
        }
        List<Mount> mounts = new ArrayList<>(before);
        for (var mount : added) {
            String target = CleanPath.of(mount.containerPath());
            String source = host.of(CleanPath.of(mount.hostPath())).toString();
            String type = mount.type() == null || mount.type().isEmpty() ? "bind" : mount.type();
            ProcMounts.check(rootfs, target, type, source);
            mounts.removeIf(other -> other.destination().equals(target));
            mounts.add(new Mount(target, type, source, orEmpty(mount.options())));
        }
        // Stable: what is as deep stays in its order.
        mounts.sort(
                Comparator.comparingInt(mount -> Path.of(mount.destination()).getNameCount()));
        return mounts;
    }

    private static Map<String, List<Hook>> hooks(
            Map<String, List<Hook>> before, List<dev.gantry.agent.cdi.CdiFile.Hook> added) {
        if (added.isEmpty()) {
            return before;
        }
        Map<String, List<Hook>> hooks = new LinkedHashMap<>();
        if (before != null) {
            before.forEach((moment, list) -> hooks.put(moment, new ArrayList<>(list)));
        }
        for (var hook : added) {
            hooks.computeIfAbsent(hook.hookName(), moment -> new ArrayList<>())
                    .add(new Hook(hook.path(), hook.args(), hook.env(), hook.timeout()));
        }
        return hooks;
    }

    private static AgentFailure failure(String message) {
        return new AgentFailure(AgentFailure.Code.INTERNAL, message);
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
