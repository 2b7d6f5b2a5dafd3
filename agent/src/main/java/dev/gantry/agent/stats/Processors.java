package dev.gantry.agent.stats;

import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;

/**
 * All processors of the host at one moment (proc(5), {@code /proc/stat}).
 *
 * @param nanos that they had until then, idle or not, all together
 * @param online how many there are
 */
record Processors(long nanos, int online) {
    /** user to steal; what guests take is in user already. */
    private static final int TIMES = 8;

    static Processors read(KernelText text) throws IOException {
        try (Fd file = OpenFiles.open("/proc/stat", OpenFiles.READ)) {
            return parse(text.read(file));
        }
    }

    static Processors parse(String stat) {
        long ticks = 0;
        int online = 0;
        for (String line : stat.split("\n")) {
            if (!line.startsWith("cpu")) {
                break;
            }
            if (line.startsWith("cpu ")) {
                String[] times = line.substring(3).strip().split(" ");
                for (int i = 0; i < Math.min(TIMES, times.length); i++) {
                    ticks += Long.parseUnsignedLong(times[i]);
                }
            } else {
                online++;
            }
        }
        return new Processors(ticks * GroupFiguresV1.TICK_NANOS, online);
    }
}
