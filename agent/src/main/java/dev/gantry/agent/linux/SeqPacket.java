package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Unix sockets that keep the bounds of each message (SOCK_SEQPACKET), which Java has none of. */
public final class SeqPacket {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    /** SOCK_NONBLOCK | SOCK_CLOEXEC. */
    private static final int FLAGS = 04000 | 02000000;
    /** sizeof sockaddr_un.sun_path, with the terminating zero. */
    private static final int PATH_LIMIT = 108;

    private static final int ADDRESS_SIZE = 2 + PATH_LIMIT;

    private static final MethodHandle SOCKET = Libc.withErrno("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle CONNECT =
            Libc.withErrno("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));

    private SeqPacket() {}

    /**
     * Connects to a listening socket, without waiting: a listener whose queue is full answers EAGAIN.
     *
     * @param path of any length
     * @return a non-blocking descriptor; the caller closes it
     */
    public static int connect(Path path) throws ErrnoException {
        return connect(path, SOCK_SEQPACKET).number();
    }

    /** @param type of a socket that keeps the bounds of messages */
    static Fd connect(Path path, int type) throws ErrnoException {
        String name = ByteStrings.of(path);
        if (name.length() < PATH_LIMIT) {
            return connect(name, type);
        }
        try (Fd directory = OpenFiles.open(ByteStrings.of(path.getParent()), OpenFiles.PATH)) {
            return connect(directory.path() + "/" + ByteStrings.of(path.getFileName()), type);
        }
    }

    private static Fd connect(String path, int type) throws ErrnoException {
        Fd socket = new Fd((int)
                Call.run("socket", path, (state, arena) -> (int) SOCKET.invokeExact(state, AF_UNIX, type | FLAGS, 0)));
        try {
            Call.run("connect", path, (state, arena) -> {
                MemorySegment address = arena.allocate(ADDRESS_SIZE, 2);
                address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
                MemorySegment name = ByteStrings.allocate(arena, path);
                MemorySegment.copy(name, 0, address, 2, name.byteSize());
                return (int) CONNECT.invokeExact(state, socket.number(), address, ADDRESS_SIZE);
            });
            return socket;
        } catch (ErrnoException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
