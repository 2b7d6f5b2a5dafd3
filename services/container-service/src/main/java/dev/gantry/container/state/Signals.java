package dev.gantry.container.state;

import dev.gantry.agent.api.SignalNames;
import dev.gantry.engine.EngineError;
import java.util.OptionalInt;

/** Signals as clients name them. */
public final class Signals {
    public static final int KILL = SignalNames.KILL;
    public static final int TERM = SignalNames.TERM;

    private Signals() {}

    /**
     * The number of a signal written as {@code TERM}, {@code SIGTERM} or {@code 15}.
     *
     * @throws EngineError.BadParameter when there is no such signal
     */
    public static int parse(String text) {
        OptionalInt number = SignalNames.number(text);
        if (number.isEmpty() || number.getAsInt() == 0) {
            throw new EngineError.BadParameter("invalid signal: " + text);
        }
        if (number.getAsInt() < 0 || number.getAsInt() > SignalNames.LAST) {
            throw new EngineError.BadParameter("the linux daemon does not support signal " + number.getAsInt());
        }
        return number.getAsInt();
    }
}
