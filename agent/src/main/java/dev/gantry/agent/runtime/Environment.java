package dev.gantry.agent.runtime;

import dev.gantry.agent.api.NetworkPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The variables of a process, made as dockerd makes them ({@code ReplaceOrAppendEnvVars}): its own first and what links
 * bring, then those of the container, then those of an exec. Each list replaces what was before, and a name without a value
 * removes what was before, but nothing of its own list.
 */
final class Environment {
    static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String HOME = "HOME";

    private final Map<String, String> values = new LinkedHashMap<>();

    Environment(String hostname, boolean tty, NetworkPlan plan) {
        values.put("PATH", DEFAULT_PATH);
        values.put("HOSTNAME", hostname == null ? "" : hostname);
        if (tty) {
            values.put("TERM", "xterm");
        }
        plan.linked().forEach(other -> with(other.environment()));
    }

    /** @param asked null for none */
    Environment with(List<String> asked) {
        Set<String> before = Set.copyOf(values.keySet());
        for (String variable : asked == null ? List.<String>of() : asked) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                values.put(variable.substring(0, equals), variable.substring(equals + 1));
            } else if (equals < 0 && before.contains(variable)) {
                values.remove(variable);
            }
        }
        return this;
    }

    /** @param home for one without it, or with an empty one: runc does not tell them apart */
    List<String> list(String home) {
        if (values.getOrDefault(HOME, "").isEmpty()) {
            values.remove(HOME);
            values.put(HOME, home);
        }
        return values.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }
}
