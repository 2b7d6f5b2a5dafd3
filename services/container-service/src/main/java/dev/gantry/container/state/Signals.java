package dev.gantry.container.state;

import dev.gantry.engine.EngineError;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Linux' signals by name and number, as signal(7) lists them for x86 and ARM. */
public final class Signals {
    public static final int KILL = 9;
    public static final int TERM = 15;

    private static final int RTMIN = 34;
    private static final int RTMAX = 64;
    private static final List<String> STANDARD = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");
    private static final Map<String, Integer> NUMBERS = numbers();

    private Signals() {}

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < STANDARD.size(); i++) {
            numbers.put(STANDARD.get(i), i + 1);
        }
        numbers.putAll(Map.of("CLD", 17, "IOT", 6, "POLL", 29, "UNUSED", 31, "RTMIN", RTMIN, "RTMAX", RTMAX));
        int middle = (RTMAX - RTMIN) / 2;
        for (int i = 1; i <= middle; i++) {
            numbers.put("RTMIN+" + i, RTMIN + i);
        }
        for (int i = 1; i < RTMAX - RTMIN - middle; i++) {
            numbers.put("RTMAX-" + i, RTMAX - i);
        }
        return Map.copyOf(numbers);
    }

    /**
     * The number of a signal written as {@code TERM}, {@code SIGTERM} or {@code 15}.
     *
     * @throws EngineError.BadParameter when there is no such signal
     */
    public static int parse(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        Integer number = NUMBERS.get(name.startsWith("SIG") ? name.substring(3) : name);
        if (number == null && name.matches("[+-]?[0-9]{1,9}")) {
            number = Integer.valueOf(name);
            if (number < 0 || number > RTMAX) {
                throw new EngineError.BadParameter("the linux daemon does not support signal " + number);
            }
        }
        if (number == null || number == 0) {
            throw new EngineError.BadParameter("invalid signal: " + text);
        }
        return number;
    }
}
