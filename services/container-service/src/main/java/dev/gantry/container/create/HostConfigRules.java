package dev.gantry.container.create;

import dev.gantry.agent.api.CleanPath;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.container.HostConfig.RestartPolicy;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a {@code HostConfig} may say, in dockerd's words where it may not. Resources have rules of their own. */
public final class HostConfigRules {
    private static final Set<String> CAPABILITIES =
            Set.of(("AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE "
                            + "DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN "
                            + "MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID "
                            + "SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE "
                            + "SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM")
                    .split(" "));

    /** Each is looked up by itself. */
    private static final int MOST_LINKS = 256;

    private static final int MOST_REQUESTS = 256;

    /** By which crun is told what to do: filters, hooks, mounts of its own. */
    private static final String OF_RUNTIME = "run.oci.";

    private HostConfigRules() {}

    static void check(HostConfig host, ContainerConfig config) {
        checkRestart(host.restartPolicy(), host.autoRemove());
        checkCapabilities("CapAdd", host.capAdd());
        checkCapabilities("CapDrop", host.capDrop());
        checkModes(host, config);
        PortRules.checkBindings(host.portBindings());
        checkHosts(host.extraHosts());
        SecurityOptions.parse(host.securityOpt());
        LogOptions.check(host.logConfig());
        checkPaths(host);
        refuse(
                host.annotations() != null && host.annotations().containsKey(""),
                "invalid Annotations: the empty string is not permitted as an annotation key");
        refuse(
                host.annotations() != null
                        && host.annotations().keySet().stream().anyMatch(key -> key.startsWith(OF_RUNTIME)),
                "invalid Annotations: those that begin with " + OF_RUNTIME + " are the runtime's own");
        refuse(host.consoleSize().stream().anyMatch(size -> size < 0), "invalid console size");
        checkUnsupported(host);
        ResourceRules.check(host);
    }

    public static void checkRestart(RestartPolicy policy, boolean autoRemove) {
        refuse(autoRemove && !policy.never(), "can't create 'AutoRemove' container with restart policy");
        switch (policy.name()) {
            case "no", "always", "unless-stopped" -> {
                if (policy.maximumRetryCount() != 0) {
                    throw new EngineError.BadParameter(
                            "invalid restart policy: maximum retry count can only be used with 'on-failure'"
                                    + (policy.maximumRetryCount() < 0 ? " and cannot be negative" : ""));
                }
            }
            case "on-failure" -> {
                if (policy.maximumRetryCount() < 0) {
                    throw new EngineError.BadParameter(
                            "invalid restart policy: maximum retry count cannot be negative");
                }
            }
            default ->
                throw new EngineError.BadParameter("invalid restart policy: unknown policy '" + policy.name()
                        + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        }
    }

    private static void checkCapabilities(String field, List<String> names) {
        if (names == null) {
            return;
        }
        for (String name : names) {
            String bare = bareCapability(name);
            boolean all = name.equalsIgnoreCase("ALL");
            if (!all && !CAPABILITIES.contains(bare)) {
                throw new EngineError.BadParameter("invalid " + field + ": unknown capability: \"CAP_" + bare + "\"");
            }
        }
    }

    /** Upper case and without {@code CAP_}. */
    static String bareCapability(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
    }

    private static void checkModes(HostConfig host, ContainerConfig config) {
        String network = host.networkMode();
        if (network.equals("container") || network.equals("container:")) {
            throw new EngineError.BadParameter("Invalid network mode: invalid container format container:<name|id>");
        }
        boolean shares = network.startsWith("container:");
        refuse(shares && !config.hostname().isEmpty(), "conflicting options: hostname and the network mode");
        refuse(
                shares && given(host.links()),
                "conflicting options: container type network can't be used with links. This would result in undefined"
                        + " behavior");
        refuse(
                network.equals("host") && given(host.links()),
                "conflicting options: host type networking can't be used with links. This would result in undefined"
                        + " behavior");
        refuse(shares && given(host.dns()), "conflicting options: dns and the network mode");
        // dockerd takes it, and fails each start with these words.
        orEmpty(host.dns())
                .forEach(server -> refuse(
                        !PortRules.isNameServer(server),
                        "bad nameserver address " + server + ": ParseAddr(\"" + server + "\"): unable to parse IP"));
        refuse(
                shares && given(host.extraHosts()),
                "conflicting options: custom host-to-IP mapping and the network mode");
        refuse(
                shares && (!host.portBindings().isEmpty() || host.publishAllPorts()),
                "conflicting options: port publishing and the container type network mode");
        refuse(
                shares
                        && config.exposedPorts() != null
                        && !config.exposedPorts().isEmpty(),
                "conflicting options: port exposing and the container type network mode");
        refuse(
                host.utsMode().equals("host") && !config.hostname().isEmpty(),
                "conflicting options: hostname and the UTS mode");
        oneOf("invalid UTS mode: ", host.utsMode(), "", "host");
        oneOf("invalid PID mode: ", host.pidMode(), "", "host", "container:");
        oneOf("invalid IPC mode: ", host.ipcMode(), "", "private", "host", "shareable", "none", "container:");
        oneOf("invalid cgroup namespace mode: ", host.cgroupnsMode(), "", "private", "host");
        oneOf("invalid user namespace mode: ", host.usernsMode(), "", "host");
        refuse(
                !host.isolation().isEmpty() && !host.isolation().equalsIgnoreCase("default"),
                "Invalid isolation: \"" + host.isolation() + "\" - linux only supports 'default'");
    }

    private static boolean given(List<?> list) {
        return list != null && !list.isEmpty();
    }

    private static void oneOf(String message, String mode, String... allowed) {
        for (String word : allowed) {
            boolean prefix = word.endsWith(":") && mode.startsWith(word) && mode.length() > word.length();
            if (prefix || mode.equals(word) && !word.endsWith(":")) {
                return;
            }
        }
        throw new EngineError.BadParameter(message + mode);
    }

    private static void checkHosts(List<String> hosts) {
        if (hosts == null) {
            return;
        }
        for (String entry : hosts) {
            int colon = entry.indexOf(':');
            if (colon <= 0 || entry.indexOf('\n') >= 0) {
                throw new EngineError.BadParameter("bad format for add-host: \"" + entry + "\"");
            }
            String address = entry.substring(colon + 1);
            if (!address.equals("host-gateway") && !PortRules.isAddress(address)) {
                throw new EngineError.BadParameter("invalid IP address in add-host: \"" + address + "\"");
            }
        }
    }

    /** Paths that dockerd takes as they are, and that are cleaned for the host: see {@link SpecBuilder}. */
    private static void checkPaths(HostConfig host) {
        refuse(!CleanPath.isPossible(host.cgroupParent()), "invalid cgroup parent: " + host.cgroupParent());
        for (HostConfig.DeviceMapping device : orEmpty(host.devices())) {
            refuse(
                    device.pathOnHost().isEmpty(),
                    "error gathering device information while adding custom device \"\": no such file or directory");
            refuse(
                    !CleanPath.isPossible(device.pathOnHost()) || !CleanPath.isPossible(device.pathInContainer()),
                    "error gathering device information while adding custom device \"" + device.pathOnHost()
                            + "\": invalid argument");
        }
        orEmpty(host.maskedPaths()).forEach(path -> refuse(!CleanPath.isPossible(path), "invalid masked path"));
        orEmpty(host.readonlyPaths()).forEach(path -> refuse(!CleanPath.isPossible(path), "invalid read-only path"));
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }

    private static void checkUnsupported(HostConfig host) {
        refuse(orEmpty(host.links()).size() > MOST_LINKS, "a container has at most " + MOST_LINKS + " links");
        refuse(orEmpty(host.deviceRequests()).size() > MOST_REQUESTS, "too many device requests");
        unsupported(!host.cgroup().isEmpty(), "cgroups of other containers");
    }

    private static void unsupported(boolean asked, String what) {
        if (asked) {
            throw new EngineError.NotSupported(what + " are not supported");
        }
    }

    private static void refuse(boolean bad, String message) {
        if (bad) {
            throw new EngineError.BadParameter(message);
        }
    }
}
