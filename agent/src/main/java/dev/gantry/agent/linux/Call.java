package dev.gantry.agent.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One system call: gives it memory for its arguments, repeats it when a signal interrupts, and reads errno. */
@FunctionalInterface
interface Call {
    /** {@return the C function's result; negative means that errno is set} */
    long invoke(MemorySegment state, Arena arena) throws Throwable;

    /**
     * Makes the call.
     *
     * @param name of the function, for the message
     * @param argument what it was about, for the message; a byte string
     */
    static long run(String name, String argument, Call call) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Libc.errnoState(arena);
            while (true) {
                long result = call.invoke(state, arena);
                if (result >= 0) {
                    return result;
                }
                int errno = Libc.errno(state);
                if (errno != ErrnoException.EINTR) {
                    throw new ErrnoException(name, ByteStrings.toText(argument), errno);
                }
            }
        } catch (ErrnoException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
