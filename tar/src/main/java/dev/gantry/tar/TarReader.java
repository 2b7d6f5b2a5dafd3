package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a tar archive, member by member: ustar, pax, GNU long names and sparse files. A reader of our own, since names
 * and attribute values must keep their bytes and since headers from outside must not grow without bound.
 */
public final class TarReader {
    /** Bound on one extended header or long name, as in Go's archive/tar. */
    private static final int MAX_SPECIAL = 1024 * 1024;

    private static final int MAX_PARTS = 65_536;

    private final InputStream in;
    private final byte[] skipped = new byte[64 * 1024];
    /** Stored bytes of the current member that were not read, then the padding after them. */
    private long remaining;

    private int padding;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * {@return null at the end of the archive}
     *
     * @throws TarFormatException when it is none, or a hostile one
     */
    public TarEntry next() throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        String longName = null;
        String longLink = null;
        while (true) {
            skip(remaining + padding);
            remaining = 0;
            padding = 0;
            TarHeader header = header();
            if (header == null) {
                return null;
            }
            switch (header.type()) {
                case 'x' -> pax = PaxRecords.parse(special(header));
                case 'g' -> special(header);
                case 'L' -> longName = untilNul(special(header));
                case 'K' -> longLink = untilNul(special(header));
                default -> {
                    return entry(header, pax, longName, longLink);
                }
            }
        }
    }

    /** Stored bytes of the current member; -1 after the last. */
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (remaining == 0) {
            return -1;
        }
        int count = in.read(buffer, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw TarFormatException.truncated("the tar ends inside a file");
        }
        remaining -= count;
        return count;
    }

    /** The stored bytes of the current member as a stream; it needs not be closed. */
    public InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return TarReader.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return length == 0 ? 0 : TarReader.this.read(buffer, offset, length);
            }
        };
    }

    /** Two empty blocks end an archive; so does the end of the stream where a header should be. */
    private TarHeader header() throws IOException {
        byte[] block = new byte[TarHeader.SIZE];
        int count = in.readNBytes(block, 0, block.length);
        if (count == 0) {
            return null;
        }
        requireWhole(count);
        if (!TarHeader.isZero(block)) {
            return TarHeader.parse(block);
        }
        count = in.readNBytes(block, 0, block.length);
        if (count > 0 && !TarHeader.isZero(block)) {
            throw new TarFormatException("invalid tar header");
        }
        return null;
    }

    private static void requireWhole(int count) throws IOException {
        if (count < TarHeader.SIZE) {
            throw TarFormatException.truncated("the tar ends inside a header");
        }
    }

    private byte[] block() throws IOException {
        byte[] block = new byte[TarHeader.SIZE];
        requireWhole(in.readNBytes(block, 0, block.length));
        return block;
    }

    private byte[] special(TarHeader header) throws IOException {
        long size = header.size();
        if (size < 0 || size > MAX_SPECIAL) {
            throw new TarFormatException("extended header in a tar is too large");
        }
        byte[] content = in.readNBytes((int) size);
        if (content.length < size) {
            throw TarFormatException.truncated("the tar ends inside an extended header");
        }
        padding = paddingOf(size);
        return content;
    }

    private static String untilNul(byte[] content) {
        String text = new String(content, ISO_8859_1);
        int nul = text.indexOf('\0');
        return nul < 0 ? text : text.substring(0, nul);
    }

    private TarEntry entry(TarHeader header, PaxRecords pax, String longName, String longLink) throws IOException {
        String name = pax.text("path").orElse(longName == null ? header.name() : longName);
        char type =
                switch (header.type()) {
                    case '\0' -> name.endsWith("/") ? '5' : '0';
                    case '7', 'S' -> '0';
                    default -> header.type();
                };
        long stored = type == '0' ? pax.number("size", header.size()) : 0;
        if (stored < 0) {
            throw new TarFormatException("negative size in a tar");
        }
        remaining = stored;
        padding = paddingOf(stored);
        PaxTime modified = pax.modified().orElse(new PaxTime(header.modifiedSeconds(), 0));
        Content content = content(header, pax, type);
        return new TarEntry(
                type,
                pax.text("GNU.sparse.name").orElse(name),
                pax.text("linkpath").orElse(longLink == null ? header.linkName() : longLink),
                header.mode() & 0xfff,
                pax.number("uid", header.uid()),
                pax.number("gid", header.gid()),
                content.size(),
                modified.seconds(),
                modified.nanos(),
                header.deviceMajor(),
                header.deviceMinor(),
                pax.attributes(),
                content.parts());
    }

    private record Content(long size, List<TarEntry.Part> parts) {}

    private Content content(TarHeader header, PaxRecords pax, char type) throws IOException {
        if (header.type() == 'S') {
            return checked(header.sparseRealSize(), oldSparseParts(header));
        }
        if (type != '0' || !pax.isSparse()) {
            return new Content(remaining, List.of(new TarEntry.Part(0, remaining)));
        }
        long size = pax.number("GNU.sparse.realsize", pax.number("GNU.sparse.size", remaining));
        List<TarEntry.Part> parts = pax.sparseMapInContent() ? partsFromContent() : pax.sparse();
        requireFew(parts.size());
        return checked(size, parts);
    }

    private List<TarEntry.Part> oldSparseParts(TarHeader header) throws IOException {
        List<TarEntry.Part> parts = new ArrayList<>(header.sparseParts());
        boolean more = header.sparseContinues();
        while (more) {
            byte[] block = block();
            parts.addAll(TarHeader.moreParts(block));
            requireFew(parts.size());
            more = TarHeader.moreContinues(block);
        }
        return parts;
    }

    /** Decimal numbers, one a line: how many parts, then offset and length of each; padded to a block. */
    private List<TarEntry.Part> partsFromContent() throws IOException {
        int[] used = new int[1];
        long count = line(used);
        requireFew(count);
        List<TarEntry.Part> parts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            parts.add(new TarEntry.Part(line(used), line(used)));
        }
        int rest = paddingOf(used[0]);
        if (rest > remaining) {
            throw TarFormatException.truncated("the tar ends inside a sparse map");
        }
        skip(rest);
        remaining -= rest;
        return parts;
    }

    private long line(int[] used) throws IOException {
        StringBuilder digits = new StringBuilder();
        byte[] one = new byte[1];
        while (true) {
            if (digits.length() > 20 || read(one, 0, 1) < 0) {
                throw new TarFormatException("malformed sparse map in a tar");
            }
            used[0]++;
            if (one[0] == '\n') {
                return PaxRecords.number(digits.toString());
            }
            digits.append((char) one[0]);
        }
    }

    private static void requireFew(long parts) throws IOException {
        if (parts < 0 || parts > MAX_PARTS) {
            throw new TarFormatException("a sparse file in a tar has too many parts");
        }
    }

    /** Parts must ascend, stay within the file, and add up to what is stored. */
    private Content checked(long size, List<TarEntry.Part> parts) throws IOException {
        long end = 0;
        long total = 0;
        for (TarEntry.Part part : parts) {
            if (part.length() < 0 || part.offset() < end || part.length() > size - part.offset()) {
                throw new TarFormatException("invalid sparse map in a tar");
            }
            end = part.offset() + part.length();
            total += part.length();
        }
        if (total != remaining) {
            throw new TarFormatException("invalid sparse map in a tar");
        }
        return new Content(size, parts);
    }

    private static int paddingOf(long size) {
        return (int) (-size & (TarHeader.SIZE - 1));
    }

    /** The padding after the last member may be missing, as Go's reader allows. */
    private void skip(long count) throws IOException {
        for (long left = count; left > 0; ) {
            int read = in.read(skipped, 0, (int) Math.min(left, skipped.length));
            if (read < 0) {
                return;
            }
            left -= read;
        }
    }
}
