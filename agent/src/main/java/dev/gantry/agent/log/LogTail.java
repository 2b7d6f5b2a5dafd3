package dev.gantry.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** Finds where the last lines of a log begin, reading backwards from its end. */
final class LogTail {
    private static final int BLOCK = 64 * 1024;
    /** Enough of a line to see whether it is whole: time, stream and mark. */
    private static final int PREFIX = 64;

    private final long wanted;
    private long lines;

    private LogTail(long wanted) {
        this.wanted = wanted;
    }

    /** @param position in bytes from the file's start */
    record Start(Path file, long position) {}

    /**
     * @param files oldest first, not empty
     * @param wanted lines, at least 0; pieces of one line count as one
     */
    static Start find(List<Path> files, long wanted) throws IOException {
        LogTail tail = new LogTail(wanted);
        for (int i = files.size() - 1; i >= 0; i--) {
            try (FileChannel file = CompressedLog.open(files.get(i))) {
                long position = tail.scan(file);
                if (position >= 0) {
                    return new Start(files.get(i), position);
                }
            }
        }
        return new Start(files.getFirst(), 0);
    }

    /** @return where the wanted lines begin in this file, or -1 when they begin in an older one */
    private long scan(FileChannel file) throws IOException {
        byte[] buffer = new byte[BLOCK + PREFIX];
        long end = file.size();
        int overlap = 0;
        // A line's start is known by the line end in front of it; the first one's by the file's start.
        for (long blockEnd = end; blockEnd > 0; ) {
            int size = (int) Math.min(BLOCK, blockEnd);
            System.arraycopy(buffer, 0, buffer, size, overlap);
            long blockStart = blockEnd - size;
            read(file, buffer, size, blockStart);
            for (int i = size - 1; i >= 0; i--) {
                boolean inner = buffer[i] == '\n' && blockStart + i + 1 < end;
                if (inner && complete(buffer, i + 1, size + overlap)) {
                    return lineEnd(file, blockStart + i + 1);
                }
            }
            overlap = Math.min(PREFIX, size + overlap);
            blockEnd = blockStart;
        }
        return end > 0 && complete(buffer, 0, overlap) ? lineEnd(file, 0) : -1;
    }

    /** Counts the line that starts here. @return whether it is the first one too many */
    private boolean complete(byte[] buffer, int start, int end) {
        int space = start;
        while (space < end && buffer[space] != ' ') {
            space++;
        }
        boolean whole = space + 8 >= end || buffer[space + 8] != 'P';
        // The last line of all may lack its end so far; it counts, and pieces before it are part of it.
        if (whole || lines == 0) {
            lines++;
        }
        return whole && lines > wanted;
    }

    private static long lineEnd(FileChannel file, long start) throws IOException {
        byte[] buffer = new byte[BLOCK];
        for (long at = start; ; at += buffer.length) {
            int size = file.read(ByteBuffer.wrap(buffer), at);
            for (int i = 0; i < size; i++) {
                if (buffer[i] == '\n') {
                    return at + i + 1;
                }
            }
            if (size < buffer.length) {
                return file.size();
            }
        }
    }

    private static void read(FileChannel file, byte[] buffer, int size, long position) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, size);
        while (target.hasRemaining() && file.read(target, position + target.position()) >= 0) {
            // Reads may be short.
        }
    }
}
