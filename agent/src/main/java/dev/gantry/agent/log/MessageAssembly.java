package dev.gantry.agent.log;

import dev.gantry.agent.log.remote.LogMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes messages of the pieces that conmon writes of one stream, cut where dockerd cuts: at line ends, and after
 * {@link LogMessage#MOST} bytes without one.
 */
final class MessageAssembly {
    private static final int ID_BYTES = 32;

    /** Where messages go. */
    interface Sink {
        void send(LogMessage message) throws IOException;
    }

    /**
     * The first byte that is in no message so far.
     *
     * @param file as {@link LogFiles#identity}, in text
     * @param position of the entry in the file
     * @param offset in the entry's text
     * @param ordinal of the line's latest piece, 0 for none
     * @param id of the line, when it has pieces
     */
    record Place(String file, long position, int offset, int ordinal, String id) {
        static Place of(String file, long position) {
            return new Place(file, position, 0, 0, null);
        }

        String encode() {
            return file + " " + position + " " + offset + " " + ordinal + " " + (id == null ? "-" : id);
        }

        /** @throws IllegalArgumentException for what {@link #encode} has not made */
        static Place decode(String text) {
            String[] parts = text.strip().split(" ");
            if (parts.length != 5) {
                throw new IllegalArgumentException(text);
            }
            return new Place(
                    parts[0],
                    Long.parseLong(parts[1]),
                    Integer.parseInt(parts[2]),
                    Integer.parseInt(parts[3]),
                    parts[4].equals("-") ? null : parts[4]);
        }
    }

    private final boolean stderr;
    private final Sink sink;
    private byte[] buffer = new byte[0];
    private int length;
    private Instant time;
    private Place place;
    /** Entries before it are in messages already; null when it was passed. */
    private Place resume;

    MessageAssembly(boolean stderr, Sink sink) {
        this.stderr = stderr;
        this.sink = sink;
    }

    /** Forgets what it has, and goes on at that place. */
    void resumeAt(Place at) {
        length = 0;
        place = null;
        resume = at;
    }

    /** That file was read to its end, or is gone. */
    void left(String file) {
        if (resume != null && resume.file().equals(file)) {
            resume = null;
        }
    }

    /** @param here where the next entry will be */
    Place place(Place here) {
        Place first = place != null ? place : resume;
        return first == null ? here : first;
    }

    /** An entry of this stream, at that place of the file; {@code whole} when it ends its line. */
    void add(Place entry, Instant at, byte[] bytes, int start, int end, boolean whole) throws IOException {
        int from = start;
        if (resume != null) {
            if (!resume.file().equals(entry.file()) || entry.position() < resume.position()) {
                return;
            }
            if (entry.position() == resume.position()) {
                from = Math.min(end, start + resume.offset());
                place = resume;
                time = at;
            }
            resume = null;
        }
        if (place == null) {
            place = entry;
            time = at;
        }
        while (from < end) {
            reserve();
            int size = Math.min(LogMessage.MOST - length, end - from);
            System.arraycopy(bytes, from, buffer, length, size);
            length += size;
            from += size;
            if (length == LogMessage.MOST) {
                emit(false);
                place = new Place(entry.file(), entry.position(), from - start, place.ordinal(), place.id());
            }
        }
        if (whole) {
            emit(true);
            place = null;
        }
    }

    /** Nothing more will come: what has no line end goes as a piece. */
    void end() throws IOException {
        if (place != null && length > 0) {
            emit(false);
        }
        place = null;
        buffer = new byte[0];
    }

    private void emit(boolean last) throws IOException {
        byte[] text = java.util.Arrays.copyOf(buffer, length);
        length = 0;
        LogMessage.Partial partial = null;
        if (!last || place.id() != null) {
            String id = place.id() == null ? newId() : place.id();
            place = new Place(place.file(), place.position(), place.offset(), place.ordinal() + 1, id);
            partial = new LogMessage.Partial(id, place.ordinal(), last);
        }
        sink.send(new LogMessage(stderr, time, text, partial));
    }

    private static String newId() {
        byte[] id = new byte[ID_BYTES];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** Small as long as lines are. */
    private void reserve() {
        if (buffer.length < LogMessage.MOST) {
            buffer = java.util.Arrays.copyOf(buffer, LogMessage.MOST);
        }
    }
}
