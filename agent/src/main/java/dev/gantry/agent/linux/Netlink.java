package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A netlink socket, for routing (rtnetlink(7)) unless told otherwise. It acts on the network namespace of the thread that opened it, and may be
 * used from any thread afterwards. The kernel carries a request out inside send(2), so a call can take as long as the
 * change does: milliseconds when it waits for other changes to the network.
 */
public final class Netlink implements AutoCloseable {
    static final int REQUEST = 0x1;
    private static final int ACK = 0x4;
    public static final int ROOT_AND_MATCH = 0x300;
    public static final int EXCLUSIVE = 0x200;
    public static final int REPLACE = 0x100;
    public static final int CREATE = 0x400;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;

    private static final int MESSAGE_ERROR = 2;
    private static final int MESSAGE_DONE = 3;
    private static final int FLAG_MULTI = 0x2;
    private static final int FLAG_CAPPED = 0x100;
    private static final int FLAG_ACK_ATTRIBUTES = 0x200;
    private static final int BUFFER = 64 * 1024;

    private static final MethodHandle SOCKET = Libc.withErrno("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SET_OPTION =
            Libc.withErrno("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
    private static final MethodHandle SEND =
            Libc.withErrno("send", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT));
    private static final MethodHandle RECEIVE =
            Libc.withErrno("recv", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT));

    private final Fd fd;
    private final ReentrantLock lock = new ReentrantLock();
    private int sequence;

    private Netlink(Fd fd) {
        this.fd = fd;
    }

    /** Opens a socket in the calling thread's network namespace. */
    public static Netlink open() throws IOException {
        return open(NETLINK_ROUTE);
    }

    /** @param protocol {@code NETLINK_*} */
    static Netlink open(int protocol) throws IOException {
        Fd fd = new Fd((int) Call.run("socket", "netlink", (state, arena) ->
                (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol)));
        for (int option : new int[] {NETLINK_CAP_ACK, NETLINK_EXT_ACK}) {
            long ignored = Call.run("setsockopt", "netlink", (state, arena) -> {
                // It only makes errors clearer: an old kernel may refuse.
                int unused = (int)
                        SET_OPTION.invokeExact(state, fd.number(), SOL_NETLINK, option, arena.allocateFrom(INT, 1), 4);
                return 0;
            });
        }
        return new Netlink(fd);
    }

    /**
     * Sends the messages in one call; the kernel carries them out in order and goes on after one that fails.
     *
     * @throws ErrnoException for the first that failed, named as the message is
     */
    public void execute(NetlinkMessage... messages) throws IOException {
        exchange(List.of(messages), true, answer -> {});
    }

    /** Sends a dump or get request and returns what the kernel answered. */
    public List<NetlinkMessage.Received> query(NetlinkMessage message) throws IOException {
        List<NetlinkMessage.Received> answers = new ArrayList<>();
        query(message, answers::add);
        return answers;
    }

    /** The same where there may be too many answers to hold: each is gone when the taker comes back. */
    public void query(NetlinkMessage message, Consumer<NetlinkMessage.Received> taker) throws IOException {
        exchange(List.of(message), false, taker);
    }

    private void exchange(List<NetlinkMessage> messages, boolean acknowledge, Consumer<NetlinkMessage.Received> taker)
            throws IOException {
        lock.lock();
        try {
            int first = sequence + 1;
            ByteBuffer out = ByteBuffer.allocate(BUFFER);
            for (NetlinkMessage message : messages) {
                out.put(message.bytes(++sequence, acknowledge ? ACK : 0));
            }
            out.flip();
            long ignored = Call.run("send", "netlink", (state, arena) -> {
                MemorySegment segment = arena.allocate(out.remaining());
                segment.copyFrom(MemorySegment.ofBuffer(out));
                return (long) SEND.invokeExact(state, fd.number(), segment, segment.byteSize(), 0);
            });
            receive(messages, first, taker);
        } finally {
            lock.unlock();
        }
    }

    private ByteBuffer receive() throws IOException {
        byte[][] received = new byte[1][];
        long ignored = Call.run("recv", "netlink", (state, arena) -> {
            MemorySegment segment = arena.allocate(BUFFER);
            long count = (long) RECEIVE.invokeExact(state, fd.number(), segment, segment.byteSize(), 0);
            received[0] = count < 0 ? null : segment.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
            return count;
        });
        return ByteBuffer.wrap(received[0]).order(ByteOrder.nativeOrder());
    }

    private void receive(List<NetlinkMessage> messages, int first, Consumer<NetlinkMessage.Received> taker)
            throws IOException {
        ErrnoException failure = null;
        int open = messages.size();
        while (open > 0) {
            ByteBuffer in = receive();
            for (int at = 0; at + NetlinkMessage.HEADER <= in.limit(); ) {
                int length = in.getInt(at);
                int type = in.getShort(at + 4) & 0xffff;
                int flags = in.getShort(at + 6) & 0xffff;
                int index = in.getInt(at + 8) - first;
                ByteBuffer payload = in.slice(at + NetlinkMessage.HEADER, length - NetlinkMessage.HEADER)
                        .order(ByteOrder.nativeOrder());
                at += (length + 3) & ~3;
                if (index < 0 || index >= messages.size()) {
                    continue;
                }
                if (type == MESSAGE_ERROR || type == MESSAGE_DONE) {
                    open--;
                    int errno = payload.limit() < 4 ? 0 : -payload.getInt(0);
                    if (errno != 0 && failure == null) {
                        failure = failure(messages.get(index).name(), errno, flags, payload);
                    }
                } else {
                    taker.accept(new NetlinkMessage.Received(type, payload));
                    if ((flags & FLAG_MULTI) == 0) {
                        open--;
                    }
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The kernel may say in words what it did not like (NLMSGERR_ATTR_MSG). */
    private static ErrnoException failure(String name, int errno, int flags, ByteBuffer payload) {
        String words = "";
        int offset = 4 + NetlinkMessage.HEADER;
        if ((flags & FLAG_ACK_ATTRIBUTES) != 0 && (flags & FLAG_CAPPED) != 0 && payload.limit() > offset) {
            ByteBuffer message = new NetlinkMessage.Received(MESSAGE_ERROR, payload)
                    .attributes(offset)
                    .get(1);
            words = message == null ? "" : " (" + NetlinkMessage.Received.text(message) + ")";
        }
        return new ErrnoException(name + words, "", errno);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            fd.close();
        } finally {
            lock.unlock();
        }
    }
}
