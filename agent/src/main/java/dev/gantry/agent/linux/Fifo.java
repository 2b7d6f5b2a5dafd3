package dev.gantry.agent.linux;

import static dev.gantry.agent.linux.Libc.INT;
import static dev.gantry.agent.linux.Libc.LONG;
import static dev.gantry.agent.linux.Libc.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Named pipes. Java's own files would wait, without end, for somebody to read. */
public final class Fifo {
    private static final MethodHandle WRITE = Libc.withErrno("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));

    private Fifo() {}

    /**
     * Writes a short message in one piece.
     *
     * @param message at most 4096 bytes (PIPE_BUF)
     * @throws ErrnoException ENXIO when nobody reads, EAGAIN when the reader is far behind
     */
    public static void write(Path fifo, String message) throws ErrnoException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        try (Fd file = OpenFiles.open(ByteStrings.of(fifo), OpenFiles.WRITE | OpenFiles.NON_BLOCKING)) {
            Call.run("write", ByteStrings.of(fifo), (state, arena) -> {
                MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                return (long) WRITE.invokeExact(state, file.number(), buffer, (long) bytes.length);
            });
        }
    }
}
