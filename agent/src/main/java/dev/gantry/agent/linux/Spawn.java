package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Starts programs by posix_spawn(3), which takes half of ProcessBuilder's time and no helper process. The child gets
 * stdin and stdout on {@code /dev/null} and no descriptor but those asked for. Reads block in C: call from platform
 * threads.
 */
public final class Spawn {
    /** Where a child finds the pipe from which {@link Child#read} reads, if it asked for one. */
    public static final int PIPE_FD = 3;

    /** Where it reads what {@link Child#signal} writes. */
    public static final int SIGNAL_FD = 4;

    /** Where it writes what {@link Child#readNotice} reads. */
    public static final int NOTICE_FD = 5;

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;

    /** Of poll(2): what {@code struct pollfd} holds besides the descriptor, as one number. */
    private static final int POLLIN = 1;

    /** Of waitpid(2). */
    private static final int WNOHANG = 1;

    private static final short POSIX_SPAWN_SETPGROUP = 0x02;
    private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
    private static final short POSIX_SPAWN_SETSIGMASK = 0x08;

    /** Room for posix_spawn_file_actions_t (80 bytes in glibc), posix_spawnattr_t (336) and sigset_t (128). */
    private static final long STRUCT_SIZE = 512;

    private static final MethodHandle POSIX_SPAWN =
            Libc.plain("posix_spawn", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
    private static final MethodHandle ACTIONS_INIT =
            Libc.plain("posix_spawn_file_actions_init", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle ACTIONS_DESTROY =
            Libc.plain("posix_spawn_file_actions_destroy", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle ACTIONS_OPEN =
            Libc.plain("posix_spawn_file_actions_addopen", FunctionDescriptor.of(INT, POINTER, INT, POINTER, INT, INT));
    private static final MethodHandle ACTIONS_DUP2 =
            Libc.plain("posix_spawn_file_actions_adddup2", FunctionDescriptor.of(INT, POINTER, INT, INT));
    private static final MethodHandle ACTIONS_CLOSE_FROM =
            Libc.plain("posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle ACTIONS_CHDIR =
            Libc.plain("posix_spawn_file_actions_addchdir_np", FunctionDescriptor.of(INT, POINTER, POINTER));
    private static final MethodHandle ATTRIBUTES_INIT =
            Libc.plain("posix_spawnattr_init", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle ATTRIBUTES_DESTROY =
            Libc.plain("posix_spawnattr_destroy", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle SET_FLAGS =
            Libc.plain("posix_spawnattr_setflags", FunctionDescriptor.of(INT, POINTER, ValueLayout.JAVA_SHORT));
    private static final MethodHandle SET_MASK =
            Libc.plain("posix_spawnattr_setsigmask", FunctionDescriptor.of(INT, POINTER, POINTER));
    private static final MethodHandle SET_DEFAULT =
            Libc.plain("posix_spawnattr_setsigdefault", FunctionDescriptor.of(INT, POINTER, POINTER));
    private static final MethodHandle SIGNALS_NONE = Libc.plain("sigemptyset", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle SIGNALS_ALL = Libc.plain("sigfillset", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle PIPE2 = Libc.withErrno("pipe2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle CLOSE = Libc.plain("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle READ =
            Libc.withErrno("read", FunctionDescriptor.of(ValueLayout.JAVA_LONG, INT, POINTER, ValueLayout.JAVA_LONG));
    private static final MethodHandle WRITE =
            Libc.withErrno("write", FunctionDescriptor.of(ValueLayout.JAVA_LONG, INT, POINTER, ValueLayout.JAVA_LONG));
    private static final MethodHandle POLL =
            Libc.withErrno("poll", FunctionDescriptor.of(INT, POINTER, ValueLayout.JAVA_LONG, INT));
    private static final MethodHandle WAITPID =
            Libc.withErrno("waitpid", FunctionDescriptor.of(INT, INT, POINTER, INT));

    private Spawn() {}

    /** Which of the child's descriptors the pipe is. */
    public enum Pipe {
        /** {@link #PIPE_FD}; stderr goes to {@code /dev/null}. */
        DESCRIPTOR,
        /** As {@code DESCRIPTOR}, with {@link #SIGNAL_FD} and {@link #NOTICE_FD} besides. */
        CONVERSATION,
        /** Stdout and stderr together. */
        OUTPUT
    }

    /**
     * Starts {@code command} with exactly the environment {@code env} ({@code NAME=value}); its first word is a path,
     * not searched for.
     */
    public static Child start(List<String> command, List<String> env, Path directory, Pipe pipe) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Ends ends = new Ends()) {
            MemorySegment actions = arena.allocate(STRUCT_SIZE, 16);
            int ignored = (int) ACTIONS_INIT.invokeExact(actions);
            MemorySegment attributes = attributes(arena);
            try {
                MemorySegment cwd = arena.allocateFrom(directory.toString());
                check((int) ACTIONS_CHDIR.invokeExact(actions, cwd), "spawn", "chdir");
                describe(arena, actions, pipe, ends);
                MemorySegment pid = arena.allocate(INT);
                MemorySegment path = arena.allocateFrom(command.getFirst());
                int error = (int) POSIX_SPAWN.invokeExact(
                        pid, path, actions, attributes, strings(arena, command), strings(arena, env));
                check(error, "spawn", command.getFirst());
                return new Child(pid.get(INT, 0), ends.take(0), ends.take(3), ends.take(4));
            } finally {
                int unused =
                        (int) ACTIONS_DESTROY.invokeExact(actions) + (int) ATTRIBUTES_DESTROY.invokeExact(attributes);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Which of our descriptors becomes which of the child's. */
    private static void describe(Arena arena, MemorySegment actions, Pipe pipe, Ends ends) throws Throwable {
        MemorySegment devNull = arena.allocateFrom("/dev/null");
        check((int) ACTIONS_OPEN.invokeExact(actions, 0, devNull, O_RDONLY, 0), "spawn", "stdin");
        // Ends 0 and 1 are the main pipe, 2 and 3 carry signals to the child, 4 and 5 its notices.
        ends.pipe(arena, 0);
        if (pipe == Pipe.OUTPUT) {
            check((int) ACTIONS_DUP2.invokeExact(actions, ends.get(1), 1), "spawn", "stdout");
            check((int) ACTIONS_DUP2.invokeExact(actions, ends.get(1), 2), "spawn", "stderr");
            check((int) ACTIONS_CLOSE_FROM.invokeExact(actions, PIPE_FD), "spawn", "closefrom");
            return;
        }
        check((int) ACTIONS_OPEN.invokeExact(actions, 1, devNull, O_RDWR, 0), "spawn", "stdout");
        check((int) ACTIONS_OPEN.invokeExact(actions, 2, devNull, O_RDWR, 0), "spawn", "stderr");
        int next = PIPE_FD + 1;
        if (pipe == Pipe.CONVERSATION) {
            ends.pipe(arena, 2);
            ends.pipe(arena, 4);
            next = NOTICE_FD + 1;
        }
        ends.requireAbove(NOTICE_FD);
        check((int) ACTIONS_DUP2.invokeExact(actions, ends.get(1), PIPE_FD), "spawn", "pipe");
        if (pipe == Pipe.CONVERSATION) {
            check((int) ACTIONS_DUP2.invokeExact(actions, ends.get(2), SIGNAL_FD), "spawn", "signals");
            check((int) ACTIONS_DUP2.invokeExact(actions, ends.get(5), NOTICE_FD), "spawn", "notices");
        }
        check((int) ACTIONS_CLOSE_FROM.invokeExact(actions, next), "spawn", "closefrom");
    }

    /** The ends of up to three pipes; those not taken are closed. */
    private static final class Ends implements AutoCloseable {
        private final int[] fds = {-1, -1, -1, -1, -1, -1};

        void pipe(Arena arena, int at) throws Throwable {
            MemorySegment state = Libc.errnoState(arena);
            MemorySegment pair = arena.allocate(INT, 2);
            if ((int) PIPE2.invokeExact(state, pair, O_CLOEXEC) < 0) {
                throw new ErrnoException("pipe2", "", Libc.errno(state));
            }
            fds[at] = pair.getAtIndex(INT, 0);
            fds[at + 1] = pair.getAtIndex(INT, 1);
        }

        int get(int index) {
            return fds[index];
        }

        int take(int index) {
            int fd = fds[index];
            fds[index] = -1;
            return fd;
        }

        /** A JVM has all low descriptors in use; were it not so, one dup2 could overwrite the source of another. */
        void requireAbove(int limit) {
            for (int fd : fds) {
                if (fd >= 0 && fd <= limit) {
                    throw new IllegalStateException("descriptor " + fd + " of a pipe is too low");
                }
            }
        }

        @Override
        public void close() {
            for (int fd : fds) {
                Spawn.close(fd);
            }
        }
    }

    /**
     * A process group of its own, and no signal blocked or ignored: the JVM blocks SIGQUIT in its threads and nohup
     * ignores SIGHUP, and a container would inherit both.
     */
    private static MemorySegment attributes(Arena arena) throws Throwable {
        MemorySegment attributes = arena.allocate(STRUCT_SIZE, 16);
        MemorySegment none = arena.allocate(STRUCT_SIZE, 16);
        MemorySegment all = arena.allocate(STRUCT_SIZE, 16);
        short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        check((int) SIGNALS_NONE.invokeExact(none), "spawn", "sigemptyset");
        check((int) SIGNALS_ALL.invokeExact(all), "spawn", "sigfillset");
        check((int) ATTRIBUTES_INIT.invokeExact(attributes), "spawn", "attributes");
        check((int) SET_FLAGS.invokeExact(attributes, flags), "spawn", "flags");
        check((int) SET_MASK.invokeExact(attributes, none), "spawn", "mask");
        check((int) SET_DEFAULT.invokeExact(attributes, all), "spawn", "default");
        return attributes;
    }

    private static MemorySegment strings(Arena arena, List<String> values) {
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, values.size() + 1L);
        for (int i = 0; i < values.size(); i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(values.get(i)));
        }
        return array;
    }

    private static void check(int error, String call, String argument) throws ErrnoException {
        if (error != 0) {
            throw new ErrnoException(call, argument, error);
        }
    }

    private static void close(int fd) {
        if (fd < 0) {
            return;
        }
        try {
            int ignored = (int) CLOSE.invokeExact(fd);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A started program; close it after {@link #waitFor}. */
    public static final class Child implements AutoCloseable {
        private final int pid;
        private int pipe;
        private int signals;
        private int notices;

        private Child(int pid, int pipe, int signals, int notices) {
            this.pid = pid;
            this.pipe = pipe;
            this.signals = signals;
            this.notices = notices;
        }

        public int pid() {
            return pid;
        }

        /** Next bytes from the pipe, empty at its end; at most {@code limit}. */
        public byte[] read(int limit) throws IOException {
            return read(pipe, limit);
        }

        /** Waits until {@link #read} would not; false when it still would after {@code millis}. */
        public boolean awaitReadable(int millis) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = Libc.errnoState(arena);
                MemorySegment polled = arena.allocate(8, 4);
                polled.set(INT, 0, pipe);
                polled.set(INT, 4, POLLIN);
                int ready = (int) POLL.invokeExact(state, polled, 1L, millis);
                if (ready < 0 && Libc.errno(state) != ErrnoException.EINTR) {
                    throw new ErrnoException("poll", "pipe", Libc.errno(state));
                }
                return ready > 0;
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] read(int fd, int limit) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = Libc.errnoState(arena);
                MemorySegment buffer = arena.allocate(limit);
                while (true) {
                    long count = (long) READ.invokeExact(state, fd, buffer, (long) limit);
                    if (count >= 0) {
                        return buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
                    }
                    if (Libc.errno(state) != ErrnoException.EINTR) {
                        throw new ErrnoException("read", "pipe", Libc.errno(state));
                    }
                }
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** Reads up to and without the next newline, or to the pipe's end; null when there is nothing more. */
        public String readLine() throws IOException {
            return readLine(pipe);
        }

        /** As {@link #readLine}, from {@link Spawn#NOTICE_FD}. */
        public String readNotice() throws IOException {
            return readLine(notices);
        }

        private static String readLine(int fd) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                byte[] next = read(fd, 1);
                if (next.length == 0) {
                    return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
                }
                if (next[0] == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(next[0]);
            }
        }

        /** Writes one byte to {@link Spawn#SIGNAL_FD}. */
        public void signal() throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = Libc.errnoState(arena);
                MemorySegment one = arena.allocate(1);
                if ((long) WRITE.invokeExact(state, signals, one, 1L) < 0) {
                    throw new ErrnoException("write", "pipe", Libc.errno(state));
                }
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** Waits until it ends; its exit code, or 128 plus the signal that killed it. */
        public int waitFor() throws IOException {
            return wait(0).orElseThrow();
        }

        /** As {@link #waitFor} for one that has ended; empty when it runs. Not to be called again afterwards. */
        public OptionalInt exitCode() throws IOException {
            return wait(WNOHANG);
        }

        private OptionalInt wait(int options) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = Libc.errnoState(arena);
                MemorySegment status = arena.allocate(INT);
                int ended = (int) WAITPID.invokeExact(state, pid, status, options);
                while (ended < 0) {
                    if (Libc.errno(state) != ErrnoException.EINTR) {
                        throw new ErrnoException("waitpid", "", Libc.errno(state));
                    }
                    ended = (int) WAITPID.invokeExact(state, pid, status, options);
                }
                if (ended == 0) {
                    return OptionalInt.empty();
                }
                int value = status.get(INT, 0);
                return OptionalInt.of((value & 0x7f) == 0 ? (value >> 8) & 0xff : 128 + (value & 0x7f));
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            Spawn.close(pipe);
            Spawn.close(signals);
            Spawn.close(notices);
            pipe = -1;
            signals = -1;
            notices = -1;
        }
    }
}
