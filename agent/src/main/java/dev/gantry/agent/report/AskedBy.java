package dev.gantry.agent.report;

import dev.gantry.agent.api.AgentProtocol;
import org.jboss.logging.MDC;

/** Who asked for the request that this thread serves, for log lines and reports. */
public final class AskedBy {
    private AskedBy() {}

    /** @param text as the header has it; null when nobody did. What no header may be counts as nobody. */
    public static void note(String text) {
        if (text != null
                && text.length() <= AgentProtocol.LONGEST_ACTOR
                && text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            MDC.put(AgentProtocol.ACTOR_LOG_KEY, text);
        } else {
            MDC.remove(AgentProtocol.ACTOR_LOG_KEY);
        }
    }

    /** Null when nobody did, as for what a restart policy does. */
    public static String current() {
        return MDC.get(AgentProtocol.ACTOR_LOG_KEY) instanceof String text ? text : null;
    }
}
