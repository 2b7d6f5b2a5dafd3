package dev.gantry.agent.container;

import dev.gantry.agent.api.AgentFailure;
import java.util.List;
import java.util.Locale;

/** Signals by name or number. */
final class SignalNames {
    /** By number, from 1; signal(7), the same on x86_64 and aarch64. */
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    private static final int SIGRTMIN = 34;
    private static final int SIGRTMAX = 64;

    private SignalNames() {}

    /** {@code 15}, {@code TERM} and {@code SIGTERM} alike; {@code RTMIN+3} too. */
    static int number(String signal) {
        String name = signal.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        int number = NAMES.indexOf(name) + 1;
        try {
            if (number == 0 && name.startsWith("RTMIN")) {
                number = SIGRTMIN + offset(name.substring(5));
            } else if (number == 0 && name.startsWith("RTMAX")) {
                number = SIGRTMAX + offset(name.substring(5));
            } else if (number == 0) {
                number = Integer.parseInt(name);
            }
        } catch (NumberFormatException e) {
            number = 0;
        }
        if (number < 1 || number > SIGRTMAX) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid signal: " + signal);
        }
        return number;
    }

    private static int offset(String text) {
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }
}
