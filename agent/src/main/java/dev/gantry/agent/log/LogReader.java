package dev.gantry.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads one log for one client, from the wanted line on through all rotated files, and goes on as it grows if told.
 * Blocks; one virtual thread runs it.
 */
final class LogReader {
    private static final int BLOCK = 256 * 1024;
    /** Pause at the end of a growing file, doubled as long as nothing comes. */
    private static final int PAUSE_MIN_MILLIS = 5;

    private static final int PAUSE_MAX_MILLIS = 80;

    /** Where the bytes go. */
    interface Sink {
        /**
         * Takes a chunk over, waiting while too many are on their way.
         *
         * @throws IOException when the client has gone
         */
        void write(byte[] bytes, int length) throws IOException;

        boolean isOpen();
    }

    private final LogFiles files;
    private final LogQuery query;
    private final LogFrames frames;
    private final Sink sink;
    private byte[] buffer = new byte[BLOCK];
    /** Bytes in the buffer of a line that is not all there yet. */
    private int partial;

    LogReader(LogFiles files, LogQuery query, boolean tty, Sink sink) {
        this(files, query, new LogFrames(query, tty), sink);
    }

    LogReader(LogFiles files, LogQuery query, LogFrames frames, Sink sink) {
        this.files = files;
        this.query = query;
        this.frames = frames;
        this.sink = sink;
    }

    /** @param end completes when nothing more will be written to the log; ignored unless following */
    void run(CompletableFuture<Void> end) throws IOException, InterruptedException {
        List<Path> all = files.all();
        while (all.isEmpty()) {
            if (!query.follow() || !mayGrow(end) || !sink.isOpen()) {
                return;
            }
            Thread.sleep(PAUSE_MAX_MILLIS);
            all = files.all();
        }
        LogTail.Start start = query.tail() < 0 ? new LogTail.Start(all.getFirst(), 0) : LogTail.find(all, query.tail());
        LogFiles.Found file = files.find(start.file());
        long position = start.position();
        while (file != null && !frames.finished()) {
            file = readFile(file, position, end);
            position = 0;
        }
    }

    /** @return the next younger file, or null when all was read */
    private LogFiles.Found readFile(LogFiles.Found file, long start, CompletableFuture<Void> end)
            throws IOException, InterruptedException {
        try (FileChannel channel = files.open(file)) {
            if (channel == null) {
                return files.after(file.identity());
            }
            channel.position(start);
            partial = 0;
            while (!frames.finished()) {
                // Looked up before reading to the end: what was written before then is read.
                LogFiles.Found next = files.after(file.identity());
                boolean last = next == null && !(query.follow() && mayGrow(end));
                readToEnd(channel);
                if (next != null || last || frames.finished()) {
                    return next;
                }
                if (!waitForMore(channel, file.identity(), end)) {
                    return null;
                }
            }
            return null;
        }
    }

    private boolean mayGrow(CompletableFuture<Void> end) {
        boolean inTime = query.until() == null || Instant.now().isBefore(query.until());
        return inTime && !end.isDone();
    }

    /** @return false when the client has gone */
    private boolean waitForMore(FileChannel channel, Object identity, CompletableFuture<Void> end)
            throws IOException, InterruptedException {
        int pause = PAUSE_MIN_MILLIS;
        while (sink.isOpen()) {
            if (channel.size() > channel.position() || !mayGrow(end)) {
                return true;
            }
            Thread.sleep(pause);
            pause = Math.min(PAUSE_MAX_MILLIS, pause * 2);
            if (pause == PAUSE_MAX_MILLIS && files.after(identity) != null) {
                return true;
            }
        }
        return false;
    }

    private void readToEnd(FileChannel channel) throws IOException {
        while (!frames.finished()) {
            int size = channel.read(ByteBuffer.wrap(buffer, partial, buffer.length - partial));
            if (size < 0) {
                return;
            }
            int filled = partial + size;
            int converted = 0;
            do {
                converted = frames.convert(buffer, converted, filled);
                if (frames.length() > 0) {
                    sink.write(frames.output(), frames.length());
                }
            } while (frames.isFull());
            partial = filled - converted;
            System.arraycopy(buffer, converted, buffer, 0, partial);
            if (partial == buffer.length) {
                buffer = java.util.Arrays.copyOf(buffer, buffer.length * 2);
            }
        }
    }
}
