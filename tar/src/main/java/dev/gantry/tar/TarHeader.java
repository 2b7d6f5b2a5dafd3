package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The 512 bytes before a member, as POSIX ustar and GNU tar write them. */
final class TarHeader {
    static final int SIZE = 512;

    private final byte[] block;

    private TarHeader(byte[] block) {
        this.block = block;
    }

    /** Throws when the checksum is wrong: this is not a tar archive. */
    static TarHeader parse(byte[] block) throws IOException {
        TarHeader header = new TarHeader(block);
        header.verifyChecksum();
        return header;
    }

    private void verifyChecksum() throws IOException {
        long expected = number(148, 8);
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < SIZE; i++) {
            byte value = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        if (expected != unsigned && expected != signed) {
            throw new TarFormatException("invalid tar header");
        }
    }

    static boolean isZero(byte[] block) {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    /** The name, with the prefix that ustar (but not GNU) keeps elsewhere. */
    String name() {
        String name = text(0, 100);
        String prefix = text(257, 6).equals("ustar") && block[262] == 0 ? text(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String linkName() {
        return text(157, 100);
    }

    int mode() throws IOException {
        return (int) number(100, 8);
    }

    long uid() throws IOException {
        return number(108, 8);
    }

    long gid() throws IOException {
        return number(116, 8);
    }

    long size() throws IOException {
        return number(124, 12);
    }

    long modifiedSeconds() throws IOException {
        return number(136, 12);
    }

    long deviceMajor() throws IOException {
        return number(329, 8);
    }

    long deviceMinor() throws IOException {
        return number(337, 8);
    }

    /** GNU's old sparse format: four parts in the header, and whether a block with more follows. */
    List<TarEntry.Part> sparseParts() throws IOException {
        return parts(386, 4);
    }

    boolean sparseContinues() {
        return block[482] != 0;
    }

    long sparseRealSize() throws IOException {
        return number(483, 12);
    }

    /** A block of more sparse parts: it has no checksum. */
    static List<TarEntry.Part> moreParts(byte[] block) throws IOException {
        return new TarHeader(block).parts(0, 21);
    }

    static boolean moreContinues(byte[] block) {
        return block[504] != 0;
    }

    private List<TarEntry.Part> parts(int at, int count) throws IOException {
        List<TarEntry.Part> parts = new ArrayList<>();
        for (int i = 0; i < count && block[at + i * 24] != 0; i++) {
            parts.add(new TarEntry.Part(number(at + i * 24, 12), number(at + i * 24 + 12, 12)));
        }
        return parts;
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, ISO_8859_1);
    }

    /** Octal digits, or, when the first bit is set, a big-endian two's complement number. */
    private long number(int at, int length) throws IOException {
        if ((block[at] & 0x80) != 0) {
            return binary(at, length);
        }
        String digits = text(at, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new TarFormatException("invalid number in a tar header");
        }
    }

    private long binary(int at, int length) throws IOException {
        boolean negative = (block[at] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int next = i == 0 ? (block[at] & 0x3f) | (negative ? 0xc0 : 0) : block[at + i] & 0xff;
            if (value != (value << 8) >> 8) {
                throw new TarFormatException("a number in a tar header is too large");
            }
            value = (value << 8) | next;
        }
        return value;
    }
}
