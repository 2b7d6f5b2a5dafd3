package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** An open file descriptor, closed once. Used by one thread at a time. */
public final class Fd implements AutoCloseable {
    private static final MethodHandle CLOSE = Libc.plain("close", FunctionDescriptor.of(INT, INT));

    private int number;

    Fd(int number) {
        this.number = number;
    }

    /** The descriptor, which must not be closed yet. */
    public int number() {
        if (number < 0) {
            throw new IllegalStateException("The file is closed");
        }
        return number;
    }

    /** A path to this very file, for calls that take no descriptor; good as long as this is open. */
    public String path() {
        return "/proc/self/fd/" + number();
    }

    /** As {@link #path}, for other processes of the same user. */
    public String pathForOthers() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + number();
    }

    /** Linux releases the descriptor whatever close(2) answers, so its answer is not looked at. */
    @Override
    public void close() {
        if (number < 0) {
            return;
        }
        int closing = number;
        number = -1;
        try {
            int ignored = (int) CLOSE.invokeExact(closing);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
