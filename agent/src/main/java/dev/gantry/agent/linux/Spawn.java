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

/**
 * Starts programs by posix_spawn(3), which takes half of ProcessBuilder's time and no helper process. The child gets
 * stdin and stdout on {@code /dev/null} and no descriptor but those asked for. Reads block in C: call from platform
 * threads.
 */
public final class Spawn {
    /** Where a child finds the pipe from which {@link Child#read} reads, if it asked for one. */
    public static final int PIPE_FD = 3;

    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;

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
    private static final MethodHandle WAITPID =
            Libc.withErrno("waitpid", FunctionDescriptor.of(INT, INT, POINTER, INT));

    private Spawn() {}

    /** Which of the child's descriptors the pipe is. */
    public enum Pipe {
        /** {@link #PIPE_FD}; stderr goes to {@code /dev/null}. */
        DESCRIPTOR,
        /** Stdout and stderr together. */
        OUTPUT
    }

    /**
     * Starts {@code command} with exactly the environment {@code env} ({@code NAME=value}); its first word is a path,
     * not searched for.
     */
    public static Child start(List<String> command, List<String> env, Path directory, Pipe pipe) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int[] ends = pipe(arena);
            MemorySegment actions = arena.allocate(STRUCT_SIZE, 16);
            int ignored = (int) ACTIONS_INIT.invokeExact(actions);
            MemorySegment attributes = attributes(arena);
            try {
                MemorySegment cwd = arena.allocateFrom(directory.toString());
                check((int) ACTIONS_CHDIR.invokeExact(actions, cwd), "spawn", "chdir");
                MemorySegment devNull = arena.allocateFrom("/dev/null");
                check((int) ACTIONS_OPEN.invokeExact(actions, 0, devNull, O_RDONLY, 0), "spawn", "stdin");
                if (pipe == Pipe.OUTPUT) {
                    check((int) ACTIONS_DUP2.invokeExact(actions, ends[1], 1), "spawn", "stdout");
                    check((int) ACTIONS_DUP2.invokeExact(actions, ends[1], 2), "spawn", "stderr");
                    check((int) ACTIONS_CLOSE_FROM.invokeExact(actions, 3), "spawn", "closefrom");
                } else {
                    check((int) ACTIONS_OPEN.invokeExact(actions, 1, devNull, O_RDWR, 0), "spawn", "stdout");
                    check((int) ACTIONS_OPEN.invokeExact(actions, 2, devNull, O_RDWR, 0), "spawn", "stderr");
                    check((int) ACTIONS_DUP2.invokeExact(actions, ends[1], PIPE_FD), "spawn", "pipe");
                    check((int) ACTIONS_CLOSE_FROM.invokeExact(actions, PIPE_FD + 1), "spawn", "closefrom");
                }
                MemorySegment pid = arena.allocate(INT);
                MemorySegment path = arena.allocateFrom(command.getFirst());
                int error = (int) POSIX_SPAWN.invokeExact(
                        pid, path, actions, attributes, strings(arena, command), strings(arena, env));
                check(error, "spawn", command.getFirst());
                Child child = new Child(pid.get(INT, 0), ends[0]);
                ends[0] = -1;
                return child;
            } finally {
                int unused =
                        (int) ACTIONS_DESTROY.invokeExact(actions) + (int) ATTRIBUTES_DESTROY.invokeExact(attributes);
                close(ends[1]);
                close(ends[0]);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
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

    private static int[] pipe(Arena arena) throws Throwable {
        MemorySegment state = Libc.errnoState(arena);
        MemorySegment fds = arena.allocate(INT, 2);
        if ((int) PIPE2.invokeExact(state, fds, O_CLOEXEC) < 0) {
            throw new ErrnoException("pipe2", "", Libc.errno(state));
        }
        return new int[] {fds.getAtIndex(INT, 0), fds.getAtIndex(INT, 1)};
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

    private static void close(int fd) throws Throwable {
        if (fd >= 0) {
            int ignored = (int) CLOSE.invokeExact(fd);
        }
    }

    /** A started program; close it after {@link #waitFor}. */
    public static final class Child implements AutoCloseable {
        private final int pid;
        private int fd;

        private Child(int pid, int fd) {
            this.pid = pid;
            this.fd = fd;
        }

        public int pid() {
            return pid;
        }

        /** Next bytes from the pipe, empty at its end; at most {@code limit}. */
        public byte[] read(int limit) throws IOException {
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
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                byte[] next = read(1);
                if (next.length == 0) {
                    return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
                }
                if (next[0] == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(next[0]);
            }
        }

        /** Waits until it ends; its exit code, or 128 plus the signal that killed it. */
        public int waitFor() throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = Libc.errnoState(arena);
                MemorySegment status = arena.allocate(INT);
                while ((int) WAITPID.invokeExact(state, pid, status, 0) < 0) {
                    if (Libc.errno(state) != ErrnoException.EINTR) {
                        throw new ErrnoException("waitpid", "", Libc.errno(state));
                    }
                }
                int value = status.get(INT, 0);
                return (value & 0x7f) == 0 ? (value >> 8) & 0xff : 128 + (value & 0x7f);
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            try {
                Spawn.close(fd);
                fd = -1;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
