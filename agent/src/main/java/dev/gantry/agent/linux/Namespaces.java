package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * unshare(2) and setns(2). Both change the calling thread only, so call them on a platform thread that is thrown away
 * afterwards, never on a pooled or virtual one.
 */
public final class Namespaces {
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle UNSHARE = Libc.withErrno("unshare", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle SETNS = Libc.withErrno("setns", FunctionDescriptor.of(INT, INT, INT));

    private Namespaces() {}

    /** Gives the calling thread namespaces of its own; {@code flags} are {@code CLONE_*} together. */
    public static void unshare(int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Libc.errnoState(arena);
            check("unshare", (int) UNSHARE.invokeExact(state, flags), state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Moves the calling thread into the namespace that {@code fd} refers to; {@code kind} is its {@code CLONE_NEW*}. */
    public static void enter(int fd, int kind) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Libc.errnoState(arena);
            check("setns", (int) SETNS.invokeExact(state, fd, kind), state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Runs work that changes its thread's namespaces, on a thread that ends with it: should it fail to go back, nobody
     * else gets that thread.
     */
    public static <T> T onThreadOfItsOwn(Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().name("own-namespace").start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void check(String call, int result, MemorySegment state) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, "", Libc.errno(state));
        }
    }
}
