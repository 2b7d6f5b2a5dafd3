package dev.gantry.agent.stdio;

import dev.gantry.agent.linux.Fifo;
import java.io.IOException;
import java.nio.file.Path;

/** The size of a container's or an exec's terminal, changed through conmon's control fifo. */
public final class Resize {
    private Resize() {}

    /**
     * @param control conmon's {@code ctl}
     * @param rows 1 to 65535
     * @param columns 1 to 65535
     * @throws IOException when nobody reads the fifo: the process has ended
     */
    public static void terminal(Path control, int rows, int columns) throws IOException {
        Fifo.write(control, "1 " + rows + " " + columns + "\n");
    }
}
