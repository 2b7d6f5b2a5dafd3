package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;

/** umask(2), which belongs to all threads of a process, but for those that have a filesystem state of their own. */
public final class FileCreation {
    private static final MethodHandle UMASK = Libc.plain("umask", FunctionDescriptor.of(INT, INT));
    private static final int USUAL = 022;

    private FileCreation() {}

    /**
     * Runs work on this platform thread with the umask that most programs count on. An OCI runtime makes what a container
     * sees with it, such as the directories that mounts need. Afterwards the thread has the process' umask again, which
     * those have that are started from it.
     */
    public static <T> T asUsual(Callable<T> work) throws Exception {
        Namespaces.unshare(Namespaces.CLONE_FS);
        int before = umask(USUAL);
        try {
            return work.call();
        } finally {
            umask(before);
        }
    }

    private static int umask(int mask) {
        try {
            return (int) UMASK.invokeExact(mask);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
