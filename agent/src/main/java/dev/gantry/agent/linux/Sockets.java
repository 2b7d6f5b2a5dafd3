package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.BindException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Sockets of kinds that Java has none of. */
public final class Sockets {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 02000000;
    private static final int IPPROTO_SCTP = 132;

    private static final MethodHandle SOCKET = Libc.withErrno("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND = Libc.withErrno("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));

    private Sockets() {}

    /**
     * Takes an SCTP port until closed.
     *
     * @throws BindException when it is taken
     * @throws ErrnoException when this kernel has no SCTP
     */
    public static Closeable bindSctp(InetAddress address, int port) throws IOException {
        byte[] name = socketAddress(address.getAddress(), port);
        int family = address.getAddress().length == 4 ? AF_INET : AF_INET6;
        Fd socket = new Fd((int) Call.run("socket", "sctp", (state, arena) ->
                (int) SOCKET.invokeExact(state, family, SOCK_STREAM_CLOEXEC, IPPROTO_SCTP)));
        try {
            long ignored = Call.run("bind", "sctp", (state, arena) -> {
                MemorySegment segment = arena.allocate(name.length);
                segment.copyFrom(MemorySegment.ofArray(name));
                return (int) BIND.invokeExact(state, socket.number(), segment, name.length);
            });
            return socket::close;
        } catch (ErrnoException e) {
            socket.close();
            if (e.errno() == ErrnoException.EADDRINUSE) {
                throw new BindException("Address already in use");
            }
            throw e;
        }
    }

    /** A {@code sockaddr_in} or {@code sockaddr_in6}: the family in native order, the port in network order. */
    private static byte[] socketAddress(byte[] address, int port) {
        boolean ipv4 = address.length == 4;
        ByteBuffer buffer = ByteBuffer.allocate(ipv4 ? 16 : 28);
        buffer.order(ByteOrder.nativeOrder()).putShort((short) (ipv4 ? AF_INET : AF_INET6));
        buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
        if (!ipv4) {
            buffer.putInt(0);
        }
        return buffer.put(address).array();
    }
}
