package dev.gantry.agent.stats;

import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Reads files that the kernel writes when they are read, into memory that is used again and again: for one thread. What is
 * beyond 64 KiB is not read: a container may make as many interfaces as it likes.
 */
final class KernelText {
    private static final int MOST = 64 * 1024;

    private final MemorySegment buffer = Arena.ofAuto().allocate(MOST);

    /** The whole file; most come with one call, as the kernel writes such a file at once. */
    String read(Fd file) throws IOException {
        return text(OpenFiles.readAt(file, buffer, 0));
    }

    /** As {@link #read}, for a list of which the kernel gives no more than a page at once (seq_file). */
    String readList(Fd file) throws IOException {
        int length = 0;
        int next;
        do {
            next = length == MOST ? 0 : OpenFiles.readAt(file, buffer.asSlice(length), length);
            length += next;
        } while (next > 0);
        return text(length);
    }

    /** Whole lines of it, where it may go on. */
    private String text(int length) {
        String text = new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        return length < MOST ? text : text.substring(0, text.lastIndexOf('\n') + 1);
    }
}
