package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which capabilities a container gets: Docker's fourteen, changed by what was asked. */
final class Capabilities {
    /** In the order of capability.h, so that the index is the bit. */
    private static final List<String> ALL = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    private static final List<String> DEFAULT = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    private Capabilities() {}

    /** Names with {@code CAP_}; {@code host} is the mask of what this process itself may give away. */
    static Set<String> of(Security security, long host) {
        if (security.privileged()) {
            return all(host);
        }
        Set<String> chosen = new LinkedHashSet<>();
        Set<String> dropped = normalised(security.capDrop());
        Set<String> added = normalised(security.capAdd());
        if (added.contains("CAP_ALL")) {
            chosen.addAll(all(host));
        } else if (!dropped.contains("CAP_ALL")) {
            DEFAULT.forEach(name -> chosen.add("CAP_" + name));
        }
        for (String name : added) {
            if (!name.equals("CAP_ALL")) {
                chosen.add(requireHeld(name, host));
            }
        }
        // As in Docker: with all dropped, those added explicitly stay.
        dropped.stream().filter(name -> !name.equals("CAP_ALL")).forEach(chosen::remove);
        chosen.removeIf(name -> !held(name, host));
        return chosen;
    }

    /** All of {@code host}'s, with {@code CAP_}. */
    static Set<String> all(long host) {
        Set<String> names = new LinkedHashSet<>();
        ALL.stream().map(name -> "CAP_" + name).filter(name -> held(name, host)).forEach(names::add);
        return names;
    }

    /** The capabilities in this process's bounding set, one bit each. */
    static long held() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapBnd:")) {
                    return Long.parseUnsignedLong(line.substring(7).strip(), 16);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read this process's capabilities", e);
        }
        return 0;
    }

    private static Set<String> normalised(List<String> names) {
        Set<String> result = new LinkedHashSet<>();
        if (names != null) {
            names.forEach(name -> {
                String upper = name.toUpperCase(java.util.Locale.ROOT);
                result.add(upper.startsWith("CAP_") ? upper : "CAP_" + upper);
            });
        }
        return result;
    }

    private static String requireHeld(String name, long host) {
        if (!ALL.contains(name.substring(4))) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid capability: \"" + name + "\"");
        }
        if (!held(name, host)) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST,
                    "capability " + name + " is not available to the agent on this host");
        }
        return name;
    }

    private static boolean held(String name, long host) {
        int bit = ALL.indexOf(name.substring(4));
        return bit >= 0 && (host >>> bit & 1) == 1;
    }
}
