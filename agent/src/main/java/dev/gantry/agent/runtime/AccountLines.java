package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An image's {@code /etc/passwd} or {@code /etc/group}, a line at a time. Whoever made the image decides what is in it:
 * no more than one line is held, and length of line and file have a bound.
 */
final class AccountLines implements AutoCloseable {
    /** dockerd reads 64 KiB of a passwd line, and any group's; this is a group of a hundred thousand members. */
    static final int LONGEST_LINE = 1 << 20;

    /** About 300,000 accounts. dockerd knows no bound, and takes minutes over files of this size. */
    static final long LARGEST_FILE = 16 << 20;

    private final InputStream in;
    private final String name;
    private byte[] line = new byte[256];
    private long total;

    AccountLines(InputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    /** Without lines when there is no such regular file; anything else an image puts there is not opened at all. */
    static AccountLines open(Path rootfs, String name) {
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY);
                Fd place = OpenFiles.openInRoot(root, name, OpenFiles.PATH)) {
            if (Attributes.stat(place).type() != Stat.REGULAR) {
                return new AccountLines(InputStream.nullInputStream(), name);
            }
            InputStream file = new FileInputStream("/proc/self/fd/" + place.number());
            return new AccountLines(new BufferedInputStream(file, 64 << 10), name);
        } catch (ErrnoException e) {
            return new AccountLines(InputStream.nullInputStream(), name);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** {@return the next line, one char for each byte, without space around it; null at the end} */
    String next() {
        try {
            int length = 0;
            int next = in.read();
            if (next < 0) {
                return null;
            }
            while (next >= 0 && next != '\n') {
                append(length++, (byte) next);
                next = in.read();
            }
            total += length + 1;
            if (total > LARGEST_FILE) {
                throw bad(name + " in the container is larger than " + (LARGEST_FILE >> 20) + " MiB");
            }
            return new String(line, 0, length, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private void append(int at, byte next) {
        if (at == LONGEST_LINE) {
            throw bad("a line of " + name + " in the container is longer than " + LONGEST_LINE + " bytes");
        }
        if (at == line.length) {
            line = Arrays.copyOf(line, at * 2);
        }
        line[at] = next;
    }

    private static AgentFailure bad(String message) {
        return new AgentFailure(AgentFailure.Code.BAD_REQUEST, message);
    }

    private static AgentFailure unreadable(String name, IOException cause) {
        return new AgentFailure(
                AgentFailure.Code.INTERNAL, "reading " + name + " in the container: " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // It was only read.
            return;
        }
    }
}
