package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Signals to processes that may have ended meanwhile. A process is named by its pid and its start time, and signalled
 * through a pidfd, so that a recycled pid is never hit.
 */
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    /** The same number on every architecture since Linux 5.1. */
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;

    private static final long SYS_PIDFD_OPEN = 434;

    private static final MethodHandle SYSCALL = Libc.withErrno(
            "syscall", FunctionDescriptor.of(LONG, LONG, LONG, LONG, POINTER, LONG), Linker.Option.firstVariadicArg(1));
    private static final MethodHandle CLOSE = Libc.plain("close", FunctionDescriptor.of(INT, INT));

    private Signals() {}

    /**
     * When the process began, in clock ticks since boot (field 22 of proc(5) stat); 0 when there is none or only a
     * zombie is left of it.
     */
    public static long startTime(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name in parentheses may hold anything, parentheses included.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[0].equals("Z") || fields[0].equals("X") ? 0 : Long.parseLong(fields[19]);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            // ESRCH: it ended between open and read.
            return 0;
        }
    }

    public static boolean alive(int pid, long startTime) {
        return pid > 0 && startTime > 0 && startTime(pid) == startTime;
    }

    /** Sends {@code signal}; false when that process has ended. */
    public static boolean send(int pid, long startTime, int signal) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Libc.errnoState(arena);
            long fd = syscall(state, SYS_PIDFD_OPEN, pid, 0);
            if (fd < 0) {
                return ended("pidfd_open", Libc.errno(state));
            }
            try {
                if (startTime(pid) != startTime) {
                    return false;
                }
                long sent = syscall(state, SYS_PIDFD_SEND_SIGNAL, fd, signal);
                return sent == 0 || ended("pidfd_send_signal", Libc.errno(state));
            } finally {
                int ignored = (int) CLOSE.invokeExact((int) fd);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static long syscall(MemorySegment state, long number, long first, long second) throws Throwable {
        return (long) SYSCALL.invokeExact(state, number, first, second, MemorySegment.NULL, 0L);
    }

    private static boolean ended(String call, int errno) throws ErrnoException {
        if (errno == ErrnoException.ESRCH) {
            return false;
        }
        throw new ErrnoException(call, "", errno);
    }
}
