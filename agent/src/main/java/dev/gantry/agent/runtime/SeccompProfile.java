package dev.gantry.agent.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.Architecture;
import dev.gantry.agent.runtime.OciSpec.Argument;
import dev.gantry.agent.runtime.OciSpec.Seccomp;
import dev.gantry.agent.runtime.OciSpec.Syscall;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The system call filter: our default rules with their conditions resolved, or a profile that the client sent. */
final class SeccompProfile {
    private static final String ALLOW = "SCMP_ACT_ALLOW";
    private static final String ERRNO = "SCMP_ACT_ERRNO";
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int AF_VSOCK = 40;

    /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together. */
    private static final long CLONE_NAMESPACES = 0x7e020000L;

    /** Linux, UNAME26, 32 bit, both, and "tell me which". */
    private static final List<Long> PERSONALITIES = List.of(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL);

    private static final long PERSONALITY_BITS = 0x20008L;
    private static final long SIGN_BIT = 0x80000000L;

    private static final Map<String, List<String>> RULES = load();

    private SeccompProfile() {}

    /** The filter, or null for none. {@code profile} as in {@link dev.gantry.agent.api.ContainerSpec.Security}. */
    static Seccomp of(String profile, boolean privileged, Set<String> capabilities, ObjectMapper json) {
        if (privileged || "unconfined".equals(profile)) {
            return null;
        }
        if (profile == null || profile.isEmpty() || profile.equals("default") || profile.equals("builtin")) {
            return defaults(capabilities, System.getProperty("os.arch"));
        }
        try {
            JsonNode custom = json.readTree(profile);
            // As moby's profiles/seccomp: neither a default nor rules is no filter.
            boolean empty = custom.path("defaultAction").asText("").isEmpty()
                    && custom.path("syscalls").isEmpty();
            return empty ? null : CustomSeccomp.resolve(custom, capabilities, json);
        } catch (IOException e) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST, "Decoding seccomp profile failed: " + e.getMessage(), e);
        }
    }

    /**
     * A call that the rules do not know fails with ENOSYS, on which C libraries fall back to an older one; so everything
     * known that is not allowed is refused by name. runc does the same to any filter by its highest number, crun does not.
     */
    static Seccomp defaults(Set<String> capabilities, String architecture) {
        Set<String> allowed = new TreeSet<>();
        Set<String> refused = new TreeSet<>();
        RULES.forEach((condition, names) -> {
            boolean holds =
                    condition.equals("any") || condition.equals(architecture) || capabilities.contains(condition);
            (holds ? allowed : refused).addAll(names);
        });
        refused.removeAll(allowed);
        List<Syscall> rules = new ArrayList<>();
        rules.add(new Syscall(List.copyOf(allowed), ALLOW, null, null));
        rules.add(allowIf("socket", new Argument(0, AF_VSOCK, 0, "SCMP_CMP_NE")));
        rules.add(refuseIf("socket", new Argument(0, AF_VSOCK, 0, "SCMP_CMP_EQ")));
        addPersonalities(rules);
        if (!capabilities.contains("CAP_SYS_ADMIN")) {
            rules.add(allowIf("clone", new Argument(0, CLONE_NAMESPACES, 0, "SCMP_CMP_MASKED_EQ")));
            for (long flag = Long.lowestOneBit(CLONE_NAMESPACES); flag <= CLONE_NAMESPACES; flag <<= 1) {
                if ((CLONE_NAMESPACES & flag) != 0) {
                    rules.add(refuseIf("clone", new Argument(0, flag, flag, "SCMP_CMP_MASKED_EQ")));
                }
            }
            // clone3 has its flags in memory, where no filter sees them: callers fall back to clone on ENOSYS.
            rules.add(new Syscall(List.of("clone3"), ERRNO, ENOSYS, null));
            refused.removeAll(List.of("clone", "clone3"));
        }
        rules.add(new Syscall(List.copyOf(refused), ERRNO, EPERM, null));
        return new Seccomp(ERRNO, ENOSYS, architectures(architecture), rules);
    }

    /** Refused is what has any other bit, but for the highest: "tell me which" has all of them. */
    private static void addPersonalities(List<Syscall> rules) {
        for (long personality : PERSONALITIES) {
            rules.add(allowIf("personality", new Argument(0, personality, 0, "SCMP_CMP_EQ")));
        }
        for (long bit = 1; bit < SIGN_BIT; bit <<= 1) {
            if ((PERSONALITY_BITS & bit) == 0) {
                rules.add(refuseIf("personality", new Argument(0, bit | SIGN_BIT, bit, "SCMP_CMP_MASKED_EQ")));
            }
        }
    }

    static List<String> architectures(String architecture) {
        return switch (Architecture.ofImage(architecture)) {
            case "amd64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case "arm64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            default -> List.of();
        };
    }

    private static Syscall allowIf(String name, Argument argument) {
        return new Syscall(List.of(name), ALLOW, null, List.of(argument));
    }

    private static Syscall refuseIf(String name, Argument argument) {
        return new Syscall(List.of(name), ERRNO, EPERM, List.of(argument));
    }

    private static Map<String, List<String>> load() {
        try (InputStream in = SeccompProfile.class.getResourceAsStream("default.seccomp")) {
            Map<String, List<String>> rules = new LinkedHashMap<>();
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\n ", " ");
            for (String line : text.split("\n", -1)) {
                int colon = line.indexOf(':');
                if (!line.startsWith("#") && colon > 0) {
                    String names = line.substring(colon + 1).strip();
                    rules.put(line.substring(0, colon), List.of(names.split("\\s+", -1)));
                }
            }
            return rules;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resolves the conditions of a profile in Docker's format, as {@code --security-opt seccomp=} takes it. */
    private static final class CustomSeccomp {
        static Seccomp resolve(JsonNode profile, Set<String> capabilities, ObjectMapper json) throws IOException {
            String architecture = System.getProperty("os.arch");
            refuseBoth(profile, "architectures", "archMap");
            List<Syscall> rules = new ArrayList<>();
            for (JsonNode rule : profile.path("syscalls")) {
                if (applies(rule, capabilities, architecture)) {
                    rules.add(rule(rule, json));
                }
            }
            List<String> architectures = new ArrayList<>();
            profile.path("architectures").forEach(name -> architectures.add(name.asText()));
            return new Seccomp(
                    profile.path("defaultAction").asText(ERRNO),
                    profile.hasNonNull("defaultErrnoRet")
                            ? profile.get("defaultErrnoRet").asInt()
                            : null,
                    architectures.isEmpty() ? architectures(architecture) : architectures,
                    rules);
        }

        private static void refuseBoth(JsonNode node, String one, String other) {
            if (given(node.path(one)) && given(node.path(other))) {
                throw new AgentFailure(
                        AgentFailure.Code.INTERNAL,
                        "both '%s' and '%s' are specified in the seccomp profile, use either '%s' or '%s'"
                                .formatted(one, other, one, other));
            }
        }

        private static boolean given(JsonNode node) {
            return node.isTextual() ? !node.textValue().isEmpty() : !node.isEmpty();
        }

        private static Syscall rule(JsonNode rule, ObjectMapper json) throws IOException {
            refuseBoth(rule, "name", "names");
            List<String> names = new ArrayList<>();
            rule.path("names").forEach(name -> names.add(name.asText()));
            if (rule.hasNonNull("name")) {
                names.add(rule.get("name").asText());
            }
            List<Argument> arguments = new ArrayList<>();
            for (JsonNode argument : rule.path("args")) {
                arguments.add(json.treeToValue(argument, Argument.class));
            }
            return new Syscall(
                    names,
                    rule.path("action").asText(ALLOW),
                    rule.hasNonNull("errnoRet") ? rule.get("errnoRet").asInt() : null,
                    arguments.isEmpty() ? null : arguments);
        }

        private static boolean applies(JsonNode rule, Set<String> capabilities, String architecture) {
            JsonNode includes = rule.path("includes");
            JsonNode excludes = rule.path("excludes");
            String goName = Architecture.ofImage(architecture);
            for (JsonNode capability : includes.path("caps")) {
                if (!capabilities.contains(capability.asText())) {
                    return false;
                }
            }
            for (JsonNode capability : excludes.path("caps")) {
                if (capabilities.contains(capability.asText())) {
                    return false;
                }
            }
            JsonNode only = includes.path("arches");
            return (only.isEmpty() || contains(only, goName)) && !contains(excludes.path("arches"), goName);
        }

        private static boolean contains(JsonNode names, String wanted) {
            for (JsonNode name : names) {
                if (name.asText().equals(wanted)) {
                    return true;
                }
            }
            return false;
        }
    }
}
