package dev.gantry.agent.api;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Linux' signals by name and number, as signal(7) lists them for x86 and ARM. */
public final class SignalNames {
    public static final int KILL = 9;
    public static final int TERM = 15;

    /** The highest number there is. */
    public static final int LAST = 64;

    private static final int RTMIN = 34;
    private static final List<String> STANDARD = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");
    private static final Map<String, Integer> NUMBERS = numbers();

    private SignalNames() {}

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < STANDARD.size(); i++) {
            numbers.put(STANDARD.get(i), i + 1);
        }
        numbers.putAll(Map.of("CLD", 17, "IOT", 6, "POLL", 29, "UNUSED", 31, "RTMIN", RTMIN, "RTMAX", LAST));
        int middle = (LAST - RTMIN) / 2;
        for (int i = 1; i <= middle; i++) {
            numbers.put("RTMIN+" + i, RTMIN + i);
        }
        for (int i = 1; i < LAST - RTMIN - middle; i++) {
            numbers.put("RTMAX-" + i, LAST - i);
        }
        return Map.copyOf(numbers);
    }

    /**
     * The number of a signal written as {@code TERM}, {@code SIGTERM}, {@code RTMIN+3} or {@code 15}; empty for what is
     * neither. A number is not looked at.
     */
    public static OptionalInt number(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        Integer number = NUMBERS.get(name.startsWith("SIG") ? name.substring("SIG".length()) : name);
        if (number != null) {
            return OptionalInt.of(number);
        }
        return name.matches("[+-]?[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(name)) : OptionalInt.empty();
    }
}
