package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar archive, member by member, as dockerd does (Go's archive/tar in its pax format): ustar, with an extended
 * header where a value does not fit. Names and values of attributes keep their bytes. Nothing is held but one header.
 */
public final class TarWriter {
    private static final int NAME = 100;
    /** Largest number of an octal field with 7 digits, and of one with 11. */
    private static final long MAX_SHORT = 07777777;

    private static final long MAX_LONG = 077777777777L;

    private static final byte[] ZEROS = new byte[64 * 1024];

    private final OutputStream out;
    private long remaining;
    private int padding;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins a member, after the content of the one before was written.
     *
     * @param entry its parts do not count: a file is written with its holes
     */
    public void begin(TarEntry entry) throws IOException {
        finish();
        long size = entry.type() == '0' ? entry.size() : 0;
        Map<String, String> records = records(entry, size);
        if (!records.isEmpty()) {
            byte[] content = content(records);
            block(extended(entry.name()), 'x', "", 0, 0, 0, content.length, 0, 0, 0);
            out.write(content);
            out.write(ZEROS, 0, paddingOf(content.length));
        }
        block(
                entry.name(),
                entry.type(),
                entry.linkName(),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                size,
                entry.modifiedSeconds(),
                entry.deviceMajor(),
                entry.deviceMinor());
        remaining = size;
        padding = paddingOf(size);
    }

    /** Content of the member; what is more than its size is dropped. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int count = (int) Math.min(length, remaining);
        out.write(bytes, offset, count);
        remaining -= count;
    }

    /** Bytes of the member's content that are still to come. */
    public long remaining() {
        return remaining;
    }

    /** Ends the archive; the stream stays open. */
    public void end() throws IOException {
        finish();
        out.write(ZEROS, 0, 2 * TarHeader.SIZE);
    }

    /** A file that turned out shorter than it was said to be ends with zeros: the next header must be where it belongs. */
    private void finish() throws IOException {
        while (remaining > 0) {
            write(ZEROS, 0, ZEROS.length);
        }
        out.write(ZEROS, 0, padding);
        padding = 0;
    }

    private static Map<String, String> records(TarEntry entry, long size) {
        Map<String, String> records = new TreeMap<>();
        if (!fits(entry.name())) {
            records.put("path", entry.name());
        }
        if (!fits(entry.linkName())) {
            records.put("linkpath", entry.linkName());
        }
        if (size > MAX_LONG) {
            records.put("size", Long.toString(size));
        }
        if (entry.uid() > MAX_SHORT) {
            records.put("uid", Long.toString(entry.uid()));
        }
        if (entry.gid() > MAX_SHORT) {
            records.put("gid", Long.toString(entry.gid()));
        }
        if (entry.modifiedSeconds() < 0 || entry.modifiedSeconds() > MAX_LONG || entry.modifiedNanos() != 0) {
            records.put("mtime", new PaxTime(entry.modifiedSeconds(), entry.modifiedNanos()).text());
        }
        entry.attributes().forEach((name, value) -> records.put(PaxRecords.ATTRIBUTE + name, value));
        return records;
    }

    private static boolean fits(String name) {
        return name.length() <= NAME && name.chars().allMatch(each -> each < 128);
    }

    private static byte[] content(Map<String, String> records) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        records.forEach((key, value) -> {
            String rest = " " + key + "=" + value + "\n";
            int length = rest.length() + Integer.toString(rest.length()).length();
            // The length's own digits count, and may become one more.
            if (Integer.toString(length).length()
                    > Integer.toString(rest.length()).length()) {
                length++;
            }
            content.writeBytes((length + rest).getBytes(ISO_8859_1));
        });
        return content.toByteArray();
    }

    /** What readers that do not know extended headers see. */
    private static String extended(String name) {
        String trimmed = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        int slash = trimmed.lastIndexOf('/') + 1;
        return trimmed.substring(0, slash) + "PaxHeaders.0/" + trimmed.substring(slash);
    }

    private void block(
            String name,
            char type,
            String link,
            long mode,
            long uid,
            long gid,
            long size,
            long modified,
            long major,
            long minor)
            throws IOException {
        byte[] block = new byte[TarHeader.SIZE];
        text(block, 0, name);
        number(block, 100, 7, mode, MAX_SHORT);
        number(block, 108, 7, uid, MAX_SHORT);
        number(block, 116, 7, gid, MAX_SHORT);
        number(block, 124, 11, size, MAX_LONG);
        number(block, 136, 11, modified, MAX_LONG);
        block[156] = (byte) type;
        text(block, 157, link);
        ascii(block, 257, "ustar\00000");
        number(block, 329, 7, major, MAX_SHORT);
        number(block, 337, 7, minor, MAX_SHORT);
        ascii(block, 148, "        ");
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        ascii(block, 148, String.format("%06o\0 ", sum));
        out.write(block);
    }

    /** The extended header has what is cut off here. */
    private static void text(byte[] block, int at, String text) {
        ascii(block, at, text.substring(0, Math.min(NAME, text.length())));
    }

    private static void ascii(byte[] block, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            block[at + i] = (byte) (each < 128 ? each : '_');
        }
    }

    private static void number(byte[] block, int at, int digits, long value, long max) {
        long shown = value < 0 || value > max ? 0 : value;
        for (int i = digits - 1; i >= 0; i--) {
            block[at + i] = (byte) ('0' + (shown & 7));
            shown >>= 3;
        }
    }

    private static int paddingOf(long size) {
        return (int) (-size & (TarHeader.SIZE - 1));
    }
}
