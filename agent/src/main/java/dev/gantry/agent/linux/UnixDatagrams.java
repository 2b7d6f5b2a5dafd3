package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** A unix socket of datagrams, which Java has none of. Used by one thread at a time. */
public final class UnixDatagrams implements Closeable {
    private static final int SOCK_DGRAM = 2;
    /** Keeps SIGPIPE away. */
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final MethodHandle SEND =
            Libc.withErrno("send", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT));

    private final Fd socket;
    private final Path path;

    private UnixDatagrams(Fd socket, Path path) {
        this.socket = socket;
        this.path = path;
    }

    /** @throws ErrnoException when nobody listens there */
    public static UnixDatagrams connect(Path path) throws ErrnoException {
        return new UnixDatagrams(SeqPacket.connect(path, SOCK_DGRAM), path);
    }

    /**
     * Sends without waiting.
     *
     * @return false when the receiver has no room now
     * @throws IOException when there is no receiver any more, or the message is too large for it
     */
    public boolean send(byte[] message) throws IOException {
        try {
            Call.run("send", ByteStrings.of(path), (state, arena) -> (long) SEND.invokeExact(
                    state,
                    socket.number(),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, message),
                    (long) message.length,
                    MSG_NOSIGNAL));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
