package dev.gantry.agent.log;

import java.nio.charset.StandardCharsets;

/**
 * Turns lines of the log file into what a client gets: output as it was written, behind an eight byte frame header for
 * each line unless the container has a terminal. Keeps no reference to the arrays.
 */
final class LogFrames {
    /** {@code stdout F } behind the time. */
    private static final int PREFIX = 9;

    private static final int HEADER = 8;

    /** Bytes of output after which {@link #convert} stops. */
    private static final int MOST = 1 << 20;

    private final LogQuery query;
    private final boolean framed;
    /** With the space behind them. */
    private final byte[] details;

    private final Timestamps time = new Timestamps();
    /** Whether the next piece of stdout, stderr begins a line. */
    private final boolean[] atLineStart = {true, true};

    private boolean finished;
    private boolean full;
    private byte[] output = new byte[0];
    private int length;

    /** @param tty one raw stream, without frames */
    LogFrames(LogQuery query, boolean tty) {
        this(query, tty, null);
    }

    /** @param details of each line, for who asks for them; null for none */
    LogFrames(LogQuery query, boolean tty, String details) {
        this.query = query;
        this.framed = !tty;
        this.details = ((details == null ? "" : details) + " ").getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a line later than wanted was seen: nothing more will come. */
    boolean finished() {
        return finished;
    }

    /** The array that {@link #convert} filled; a new one for each call. */
    byte[] output() {
        return output;
    }

    /** Bytes in {@link #output}. */
    int length() {
        return length;
    }

    /**
     * Converts the whole lines from {@code start} to {@code end}.
     *
     * @return index behind the last line's end: what follows is a line that is not all there yet
     */
    int convert(byte[] input, int start, int end) {
        output = new byte[end - start];
        length = 0;
        full = false;
        int line = start;
        for (int i = start; i < end && !finished && !full; i++) {
            if (input[i] == '\n') {
                line(input, line, i);
                line = i + 1;
                full = length > MOST;
            }
        }
        return line;
    }

    /** Whether there may be more lines behind the last one: details can make much of little. */
    boolean isFull() {
        return full;
    }

    private void line(byte[] input, int start, int end) {
        int space = start;
        while (space < end && input[space] != ' ') {
            space++;
        }
        int text = space + 1 + PREFIX;
        if (text > end || !time.read(input, start, space)) {
            // A torn line, after the machine lost power: there is nothing to tell from it.
            return;
        }
        boolean stderr = input[space + 4] == 'e';
        boolean whole = input[space + 8] == 'F';
        boolean begins = atLineStart[stderr ? 1 : 0];
        atLineStart[stderr ? 1 : 0] = whole;
        if (query.until() != null && time.isAfter(query.until())) {
            finished = true;
            return;
        }
        boolean wanted = stderr ? query.stderr() : query.stdout();
        if (wanted && (query.since() == null || !time.isBefore(query.since()))) {
            // The file's own line end, directly behind the text, is the line's.
            write(input, start, space, text, whole ? end + 1 : end, stderr, begins);
        }
    }

    private void write(byte[] input, int start, int space, int text, int end, boolean stderr, boolean begins) {
        boolean stamped = begins && query.timestamps();
        boolean detailed = begins && query.details();
        int size = end - text + (stamped ? Timestamps.UTC_LENGTH + 1 : 0) + (detailed ? details.length : 0);
        reserve(size + HEADER);
        int at = length;
        if (framed) {
            output[at] = (byte) (stderr ? 2 : 1);
            output[at + 4] = (byte) (size >> 24);
            output[at + 5] = (byte) (size >> 16);
            output[at + 6] = (byte) (size >> 8);
            output[at + 7] = (byte) size;
            at += HEADER;
        }
        if (stamped) {
            time.writeUtc(input, start, space, output, at);
            output[at + Timestamps.UTC_LENGTH] = ' ';
            at += Timestamps.UTC_LENGTH + 1;
        }
        if (detailed) {
            System.arraycopy(details, 0, output, at, details.length);
            at += details.length;
        }
        System.arraycopy(input, text, output, at, end - text);
        length = at + end - text;
    }

    /** Output is nearly always shorter than input: times without a zone and short lines may be the exception. */
    private void reserve(int more) {
        if (length + more > output.length) {
            output = java.util.Arrays.copyOf(output, output.length + more + output.length / 2);
        }
    }
}
